import { expect } from 'chai';
import { aFlood, aMessage, aResolve, aTold, HOSTILE_TEXTS, SINCE_MS } from '../../support/a-message.ts';
import { bodyOf, requestOf } from '../../support/rendering.ts';

describe('An alert to Alertmanager', () => {
  it('goes to version 2 of its API, below its path', () => {
    const url = 'alertmanager+http://10.0.0.1:9093/prefix/';
    expect(requestOf('alertmanager', aMessage(), { url }).url).to.equal(
      'http://10.0.0.1:9093/prefix/api/v2/alerts',
    );
  });

  it('has labels that identify it, and annotations that explain it', () => {
    const [{ labels, annotations }] = bodyOf('alertmanager', aMessage());
    expect(labels).to.deep.equal({
      alertname: 'WebsiteDown',
      severity: 'critical',
      source: 'website-monitor',
      target: 'shop',
      instance: 'https://shop.example.org/cart',
      env: 'prod',
      team: 'web',
    });
    expect(annotations.summary).to.equal('DOWN shop.example.org: connection refused');
  });

  it('has the same labels at its end, whatever else has changed', () => {
    const [opening] = bodyOf('alertmanager', aMessage());
    const [end] = bodyOf('alertmanager', aMessage([aResolve({ cause: 'http_status', incidents: 3 })]));
    expect(end.labels).to.deep.equal(opening.labels);
    expect(end.startsAt).to.equal(opening.startsAt);
  });

  it('stays open for longer than resolve_timeout, for nothing follows until it ends', () => {
    const [{ startsAt, endsAt }] = bodyOf('alertmanager', aMessage());
    expect(startsAt).to.equal('2026-11-28T15:04:09.000Z');
    expect(Date.parse(endsAt) - SINCE_MS).to.be.above(364 * 86_400_000);
  });

  it('ends when the website was up again, and never before it began', () => {
    const [{ endsAt }] = bodyOf('alertmanager', aMessage([aResolve()]));
    expect(endsAt).to.equal('2026-11-28T15:16:09.000Z');
    const [{ endsAt: early }] = bodyOf('alertmanager', aMessage([aResolve({ untilMs: SINCE_MS - 1 })]));
    expect(early).to.equal('2026-11-28T15:04:09.000Z');
  });

  it('takes severity from the target, but not its name', () => {
    const target = {
      id: '7',
      key: null,
      url: 'https://a.example',
      labels: { severity: 'page', alertname: 'x' },
    };
    const [{ labels }] = bodyOf('alertmanager', aMessage([aTold({ target })]));
    expect(labels).to.include({ severity: 'page', alertname: 'WebsiteDown', target: '7' });
  });

  for (const text of HOSTILE_TEXTS) {
    it(`has valid label names and no empty values, with ${JSON.stringify(text.slice(0, 40))} for every text`, () => {
      const [{ labels }] = bodyOf('alertmanager', aFlood(text));
      for (const [name, value] of Object.entries(labels)) {
        expect(name).to.match(/^[a-zA-Z_]\w*$/);
        expect(value).to.be.a('string').that.is.not.empty;
      }
    });
  }
});
