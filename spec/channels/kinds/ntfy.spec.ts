import { expect } from 'chai';
import type { Told } from '../../../lib/alerting/message.ts';
import { aFlood, aMessage, aResolve, aTold, HOSTILE_TEXTS } from '../../support/a-message.ts';
import { bodyOf, requestOf } from '../../support/rendering.ts';

describe('A message to ntfy', () => {
  it('is published as JSON to the server, and names the topic', () => {
    const message = aMessage([aTold()], { publicUrl: 'https://status.example.org' });
    expect(requestOf('ntfy', message).url).to.equal('https://ntfy.sh/');
    expect(bodyOf('ntfy', message)).to.deep.include({
      topic: 'my-topic',
      title: 'DOWN shop.example.org: connection refused',
      click: 'https://status.example.org/alerts/42',
    });
  });

  it('finds the server below a path', () => {
    const { url } = requestOf('ntfy', aMessage(), { url: 'ntfy+http://10.0.0.1:8080/push/my-topic' });
    expect(url).to.equal('http://10.0.0.1:8080/push/');
  });

  const loudness: [told: Told, priority: number, tag: string][] = [
    [aTold(), 5, 'rotating_light'],
    [aTold({ kind: 'slow', cause: 'slow' }), 4, 'warning'],
    [aResolve(), 3, 'white_check_mark'],
    [aResolve({ ending: 'paused' }), 2, 'information_source'],
  ];
  for (const [told, priority, tag] of loudness) {
    it(`is as loud as ${told.kind} ${told.ending ?? told.news} deserves`, () => {
      expect(bodyOf('ntfy', aMessage([told]))).to.deep.include({ priority, tags: [tag] });
    });
  }

  const logins: [what: string, url: string, secrets: readonly string[], header: string | undefined][] = [
    ['nobody', 'ntfy://ntfy.sh/topic', [], undefined],
    ['a user', 'ntfy://phil:p%40ss@ntfy.sh/topic', [], 'Basic cGhpbDpwQHNz'],
    ['an access token', 'ntfy://ntfy.sh/topic', ['tk_abc'], 'Bearer tk_abc'],
  ];
  for (const [what, url, secrets, header] of logins) {
    it(`is sent as ${what}`, () => {
      const request = requestOf('ntfy', aMessage(), { url, secrets });
      expect(request.headers.authorization).to.equal(header);
      expect(request.url).to.equal('https://ntfy.sh/');
    });
  }

  for (const text of HOSTILE_TEXTS) {
    it(`has at most 4,096 bytes, title included, with ${JSON.stringify(text.slice(0, 40))} for every text`, () => {
      for (const message of [aFlood(text), aMessage([aFlood(text).told[0]])]) {
        const { title, message: body } = bodyOf('ntfy', message);
        expect(Buffer.byteLength(title + body)).to.be.within(1, 4_096);
        expect(title).to.not.match(/\p{Cc}/u);
      }
    });
  }
});
