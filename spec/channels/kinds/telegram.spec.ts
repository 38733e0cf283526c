import { expect } from 'chai';
import { aFlood, aMessage, aTold, HOSTILE_TEXTS } from '../../support/a-message.ts';
import { bodyOf, requestOf } from '../../support/rendering.ts';

describe('A message to Telegram', () => {
  it('is plain text with its first line in bold, and a button', () => {
    const message = aMessage([aTold()], { publicUrl: 'https://status.example.org' });
    const { chat_id, text, entities, parse_mode, reply_markup } = bodyOf('telegram', message);
    const [title, empty, website] = text.split('\n');
    expect(chat_id).to.equal('-100');
    expect(title).to.equal('🔴 DOWN shop.example.org: connection refused');
    expect([empty, website]).to.deep.equal(['', 'Website: https://shop.example.org/cart']);
    expect(entities).to.deep.equal([{ type: 'bold', offset: 0, length: title.length }]);
    expect(parse_mode).to.equal(undefined);
    expect(reply_markup.inline_keyboard[0][0].url).to.equal('https://status.example.org/alerts/42');
  });

  it('goes to the method of its bot', () => {
    expect(requestOf('telegram', aMessage()).url).to.equal('https://api.telegram.org/bot1:token/sendMessage');
  });

  it('previews no link', () => {
    expect(bodyOf('telegram', aMessage()).link_preview_options).to.deep.equal({ is_disabled: true });
  });

  for (const text of HOSTILE_TEXTS) {
    const shown = JSON.stringify(text.slice(0, 40));
    it(`has at most 4,096 characters and mentions nobody, with ${shown} for every text`, () => {
      for (const message of [aFlood(text), aFlood(text, 200), aMessage([aFlood(text).told[0]])]) {
        const body = bodyOf('telegram', message);
        expect(body.text).to.have.length.within(1, 4_096);
        expect(body.text).to.not.match(/@\w|#\w/);
      }
    });
  }
});
