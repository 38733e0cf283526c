import { expect } from 'chai';
import type { Told } from '../../../lib/alerting/message.ts';
import { aFlood, aMessage, aResolve, aTold, HOSTILE_TEXTS } from '../../support/a-message.ts';
import { bodyOf, requestOf } from '../../support/rendering.ts';

describe('A message to Apprise', () => {
  it('goes to the key of a configuration, as text', () => {
    expect(requestOf('apprise', aMessage()).url).to.equal('https://apprise.example.org/notify/key');
    const { title, body, format } = bodyOf('apprise', aMessage());
    expect(title).to.equal('DOWN shop.example.org: connection refused');
    expect(body).to.include('What to do: Start the server');
    expect(format).to.equal('text');
  });

  const types: [told: Told, type: string][] = [
    [aTold(), 'failure'],
    [aTold({ kind: 'certificate', cause: 'tls_expires_soon' }), 'warning'],
    [aResolve(), 'success'],
    [aTold({ news: 'acknowledged' }), 'info'],
  ];
  for (const [told, type] of types) {
    it(`of ${told.kind} ${told.news} is of type ${type}`, () => {
      expect(bodyOf('apprise', aMessage([told])).type).to.equal(type);
    });
  }

  for (const text of HOSTILE_TEXTS) {
    it(`is bounded and never empty, with ${JSON.stringify(text.slice(0, 40))} for every text`, () => {
      const { body } = bodyOf('apprise', aFlood(text));
      expect(body).to.have.length.within(1, 8_000);
    });
  }
});
