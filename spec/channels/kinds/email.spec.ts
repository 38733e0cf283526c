import { expect } from 'chai';
import { aFlood, aMessage, aResolve, aTold, HOSTILE_TEXTS } from '../../support/a-message.ts';
import { mailOf } from '../../support/rendering.ts';

describe('A mail', () => {
  it('says the same in its subject, its text and its HTML', () => {
    const { subject, text, html } = mailOf(aMessage());
    expect(subject).to.equal('DOWN shop.example.org: connection refused');
    expect(text.split('\n')[0]).to.equal(subject);
    for (const said of ['https://shop.example.org/cart', 'Start the server, or correct the port', 'env=prod'])
      expect([text.includes(said), html.includes(said)], said).to.deep.equal([true, true]);
  });

  it('names its alert in its id, below which the end is filed', () => {
    const opening = mailOf(aMessage());
    expect(opening).to.deep.include({ id: 'alert-42-3', references: [] });
    expect(mailOf(aMessage([aResolve()]))).to.deep.include({
      id: '0b8f1d5e-6f1c-4c0e-9a55-1c7e3c1d2f3a',
      references: ['alert-42-3'],
    });
    expect(mailOf(aMessage([aTold({ news: 'reminder' })])).references).to.deep.equal(['alert-42-3']);
  });

  it('about several alerts has an id of its own, and refers to all of them', () => {
    const { id, references } = mailOf(aMessage([aTold(), aTold({ alertId: '43' })]));
    expect(id).to.equal('0b8f1d5e-6f1c-4c0e-9a55-1c7e3c1d2f3a');
    expect(references).to.deep.equal(['alert-42-3', 'alert-43-3']);
  });

  it('loads nothing from elsewhere', () => {
    const { html } = mailOf(aFlood('<img src="https://evil.example/x.png">'));
    expect(html).to.not.match(/<(img|link|script|iframe|object|svg|video)\b/i);
    expect(html).to.not.match(/url\(|@import/i);
  });

  for (const text of HOSTILE_TEXTS) {
    it(`lets no text into its headers and markup, with ${JSON.stringify(text.slice(0, 40))} for every text`, () => {
      for (const message of [aFlood(text), aMessage([aFlood(text).told[0]], { channel: text })]) {
        const { subject, html, id, references } = mailOf(message);
        expect(subject).to.not.match(/\p{Cc}/u);
        expect(subject).to.have.length.within(1, 300);
        for (const left of [id, ...references]) expect(left).to.match(/^[\w-]+$/);
        const tags = [...html.matchAll(/<\/?([a-z][a-z\d]*)/gi)].map(([, name]) => name);
        expect([...new Set(tags)]).to.have.members(
          ['html', 'head', 'meta', 'title', 'style', 'body', 'table', 'tr', 'td', 'h1', 'p', 'a'].filter(
            name => tags.includes(name),
          ),
        );
        expect(html).to.not.match(/<[^>]*\son\w+=/);
      }
    });
  }
});
