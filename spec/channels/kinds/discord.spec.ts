import { expect } from 'chai';
import { aFlood, aMessage, aTold, HOSTILE_TEXTS } from '../../support/a-message.ts';
import { bodyOf, requestOf } from '../../support/rendering.ts';

describe('A message to Discord', () => {
  it('is a line for the phone, and an embed with what is known', () => {
    const message = aMessage([aTold()], { publicUrl: 'https://status.example.org' });
    const { content, embeds, allowed_mentions } = bodyOf('discord', message);
    expect(content).to.equal('🔴 DOWN shop.example.org\\: connection refused');
    expect(embeds).to.have.length(1);
    expect(embeds[0].color).to.equal(0xd92d20);
    expect(embeds[0].description).to.include('**What to do:** Start the server, or correct the port');
    expect(embeds[0].description).to.include(
      '[Open in website-monitor](https://status.example.org/alerts/42)',
    );
    expect(allowed_mentions).to.deep.equal({ parse: [] });
  });

  it('waits for Discord to save it', () => {
    expect(requestOf('discord', aMessage()).url).to.equal(
      'https://discord.com/api/webhooks/1/token?wait=true',
    );
    const inThread = { url: 'https://discord.com/api/webhooks/1/token?thread_id=5' };
    expect(requestOf('discord', aMessage(), inThread).url).to.equal(
      'https://discord.com/api/webhooks/1/token?thread_id=5&wait=true',
    );
  });

  for (const text of HOSTILE_TEXTS) {
    const shown = JSON.stringify(text.slice(0, 40));
    it(`stays within Discord's limits and its markup is inert, with ${shown} for every text`, () => {
      for (const message of [aFlood(text), aMessage([aFlood(text).told[0]])]) {
        const { content, embeds } = bodyOf('discord', message);
        expect(content).to.have.length.within(1, 2_000);
        expect(embeds[0].description).to.have.length.within(1, 4_096);
        const foreign = embeds[0].description
          .replace(/^\*\*[\w ]+:\*\*/gm, '')
          .replace(/\[Open in website-monitor\]\([^)]*\)/, '');
        expect(`${content} ${foreign}`).to.not.match(/(?<!\\)[*_~`|<>[\]@]/);
      }
    });
  }
});
