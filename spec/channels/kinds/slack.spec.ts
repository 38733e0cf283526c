import { expect } from 'chai';
import { aFlood, aMessage, aResolve, aTold, HOSTILE_TEXTS } from '../../support/a-message.ts';
import { bodyOf, requestOf } from '../../support/rendering.ts';

interface Block {
  readonly type: string;
  readonly text: { readonly type: string; readonly text: string };
}

describe('A message to Slack', () => {
  it('is a notification text, a header, what is known, and a link', () => {
    const message = aMessage([aTold()], { publicUrl: 'https://status.example.org' });
    const { url } = requestOf('slack', message);
    expect(url).to.equal('https://hooks.slack.com/services/T0/B0/X0');
    const { text, blocks } = bodyOf('slack', message);
    expect(text).to.equal('🔴 DOWN shop.example.org: connection refused');
    expect(blocks[0]).to.deep.equal({ type: 'header', text: { type: 'plain_text', text, emoji: false } });
    expect(blocks[1].text.text).to.include('*What to do:* Start the server, or correct the port');
    expect(blocks[2].text.text).to.equal('<https://status.example.org/alerts/42|Open in website-monitor>');
  });

  it('shows the end in green', () => {
    expect(bodyOf('slack', aMessage([aResolve()])).text).to.equal('🟢 UP shop.example.org: was down 12 min');
  });

  for (const text of HOSTILE_TEXTS) {
    const shown = JSON.stringify(text.slice(0, 40));
    it(`stays within Slack's limits and mentions nobody, with ${shown} for every text`, () => {
      for (const message of [aFlood(text), aMessage([aFlood(text).told[0]])]) {
        const { text: notification, blocks } = bodyOf('slack', message);
        expect(notification).to.not.match(/<[^>]*[!@#|]/);
        expect(blocks).to.have.length.within(1, 50);
        for (const { type, text: content } of blocks as Block[]) {
          expect(content.text).to.have.length.within(1, type === 'header' ? 150 : 3_000);
          if (content.type === 'mrkdwn')
            expect(content.text.replace('<https://status.example.org/', '')).to.not.match(/<(?!\/?$)/);
        }
      }
    });
  }

  it('counts what it does not name', () => {
    const { blocks } = bodyOf('slack', aFlood('&'.repeat(2_048)));
    const named = (blocks[1].text.text as string).split('\n').length;
    expect(named).to.be.below(20);
    expect(blocks[2].text.text).to.include(`And ${1_020 - named} more websites are down`);
  });
});
