import { expect } from 'chai';
import { aFlood, aMessage, aTold, HOSTILE_TEXTS } from '../../support/a-message.ts';
import { bodyOf, requestOf } from '../../support/rendering.ts';

describe('A message to Teams', () => {
  it('is one Adaptive Card for a workflow', () => {
    const body = bodyOf('teams', aMessage([aTold()], { publicUrl: 'https://status.example.org' }));
    expect(body.type).to.equal('message');
    expect(body.attachments).to.have.length(1);
    const [{ contentType, content }] = body.attachments;
    expect(contentType).to.equal('application/vnd.microsoft.card.adaptive');
    expect(content).to.include({ type: 'AdaptiveCard', version: '1.4' });
    expect(content.body[0].inlines[0]).to.deep.equal({
      type: 'TextRun',
      text: 'DOWN shop.example.org: connection refused',
      weight: 'Bolder',
      size: 'Large',
      color: 'Attention',
    });
    expect(content.actions[0].url).to.equal('https://status.example.org/alerts/42');
  });

  it('has all texts in runs of rich text, which know no Markdown', () => {
    const [{ content }] = bodyOf('teams', aFlood('**x**')).attachments;
    for (const { type, inlines } of content.body) {
      expect(type).to.equal('RichTextBlock');
      expect(inlines.every((inline: { type: string }) => inline.type === 'TextRun')).to.equal(true);
    }
  });

  for (const text of HOSTILE_TEXTS) {
    it(`stays below 28 KB, with ${JSON.stringify(text.slice(0, 40))} for every text`, () => {
      for (const message of [aFlood(text), aFlood(text, 200), aMessage([aFlood(text).told[0]])])
        expect(Buffer.byteLength(requestOf('teams', message).body)).to.be.below(28_000);
    });
  }
});
