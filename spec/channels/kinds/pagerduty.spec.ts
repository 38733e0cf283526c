import { expect } from 'chai';
import type { Told } from '../../../lib/alerting/message.ts';
import { aFlood, aMessage, aResolve, aTold, HOSTILE_TEXTS } from '../../support/a-message.ts';
import { bodyOf, requestOf } from '../../support/rendering.ts';

describe('An event to PagerDuty', () => {
  const actions: [told: Told, action: string][] = [
    [aTold(), 'trigger'],
    [aTold({ news: 'reminder' }), 'trigger'],
    [aTold({ news: 'acknowledged', acknowledgedBy: 'ada' }), 'acknowledge'],
    [aResolve(), 'resolve'],
    [aResolve({ ending: 'deleted' }), 'resolve'],
    [aResolve({ isWhole: true }), 'resolve'],
  ];
  for (const [told, action] of actions) {
    it(`of ${told.news}${told.ending === null ? '' : ` (${told.ending})`} is ${action}, under the key of its alert`, () => {
      expect(bodyOf('pagerduty', aMessage([told]))).to.deep.include({
        routing_key: 'KEY',
        event_action: action,
        dedup_key: 'website-monitor-42',
      });
    });
  }

  it('says what, where and how bad', () => {
    const { payload } = bodyOf('pagerduty', aMessage());
    expect(payload).to.deep.include({
      summary: 'DOWN shop.example.org: connection refused',
      source: 'https://shop.example.org/cart',
      severity: 'critical',
      component: 'shop',
      class: 'connect_refused',
      timestamp: '2026-11-28T15:04:09.000Z',
    });
    expect(payload.custom_details).to.include({ 'What to do': 'Start the server, or correct the port' });
  });

  it('about none of our targets has a source all the same', () => {
    const { payload } = bodyOf(
      'pagerduty',
      aMessage([aTold({ kind: 'channel', target: null, title: 'ops' })]),
    );
    expect(payload).to.include({ source: 'website-monitor', severity: 'error' });
  });

  const regions: [url: string, request: string][] = [
    ['pagerduty://KEY', 'https://events.pagerduty.com/v2/enqueue'],
    ['pagerduty://KEY@eu', 'https://events.eu.pagerduty.com/v2/enqueue'],
    ['pagerduty+http://KEY@127.0.0.1:9', 'http://127.0.0.1:9/v2/enqueue'],
  ];
  for (const [url, request] of regions) {
    it(`to ${url} goes to ${request}`, () => {
      expect(requestOf('pagerduty', aMessage(), { url }).url).to.equal(request);
    });
  }

  for (const text of HOSTILE_TEXTS) {
    it(`stays within PagerDuty's limits, with ${JSON.stringify(text.slice(0, 40))} for every text`, () => {
      const message = aFlood(text);
      const { payload, dedup_key } = bodyOf('pagerduty', message);
      expect(payload.summary).to.have.length.within(1, 1_024);
      expect(payload.source).to.be.a('string').that.is.not.empty;
      expect(dedup_key).to.have.length.at.most(255);
      expect(Buffer.byteLength(requestOf('pagerduty', message).body)).to.be.below(512_000);
    });
  }
});
