import { expect } from 'chai';
import type { Count, Told } from '../../../lib/alerting/message.ts';
import { fittedReport } from '../../../lib/channels/wording/fitted-report.ts';
import { reportOf } from '../../../lib/channels/wording/report.ts';
import { aMessage, aResolve, aTold, SINCE_MS } from '../../support/a-message.ts';

const MINUTE_MS = 60_000;

describe('What a message says of one alert', () => {
  const titles: [told: Told, title: string][] = [
    [aTold(), 'DOWN shop.example.org: connection refused'],
    [aTold({ title: 'https://shop.example.org/' }), 'DOWN shop.example.org: connection refused'],
    [
      aTold({ cause: 'http_status', check: { httpStatus: 503, phases: aTold().check?.phases ?? never() } }),
      'DOWN shop.example.org: HTTP status 503',
    ],
    [aTold({ news: 'reminder' }), 'STILL DOWN shop.example.org for 1 min: connection refused'],
    [
      aTold({ news: 'acknowledged', acknowledgedBy: 'ada' }),
      'ACKNOWLEDGED shop.example.org by ada: down for 1 min',
    ],
    [aResolve(), 'UP shop.example.org: was down 12 min'],
    [aResolve({ isWhole: true }), 'UP shop.example.org: was down 12 min'],
    [aResolve({ ending: 'paused' }), 'PAUSED shop.example.org: was down 12 min, no longer checked'],
    [aResolve({ ending: 'deleted' }), 'DELETED shop.example.org: was down 12 min, no longer checked'],
    [
      aTold({ kind: 'slow', cause: 'slow', detail: '2.4 s, slow above 1 s' }),
      'SLOW shop.example.org: 2.4 s, slow above 1 s',
    ],
    [aResolve({ kind: 'slow', cause: 'slow' }), 'FAST AGAIN shop.example.org: was slow 12 min'],
    [
      aTold({ kind: 'certificate', cause: 'tls_expires_soon', detail: 'expires in 7 days' }),
      'CERTIFICATE EXPIRES SOON shop.example.org: expires in 7 days',
    ],
    [aResolve({ kind: 'certificate', cause: 'tls_expires_soon' }), 'CERTIFICATE RENEWED shop.example.org'],
    [
      aTold({ kind: 'unknown', cause: 'resolver_unavailable' }),
      'NOT CHECKED shop.example.org: our name servers do not answer',
    ],
    [
      aTold({
        kind: 'unknown',
        target: null,
        title: 'not_checked',
        cause: 'not_checked',
        detail: '2 targets: a, b',
      }),
      'NOT CHECKED (no worker checks them): 2 targets: a, b',
    ],
    [
      aResolve({ kind: 'unknown', target: null, title: 'x', cause: 'resolver_unavailable' }),
      'CHECKED AGAIN (our name servers do not answer): was not checked 12 min',
    ],
    [
      aTold({ kind: 'channel', target: null, title: 'ops', cause: 'channel_fails', detail: 'status 500' }),
      'CHANNEL FAILS ops: status 500',
    ],
    [
      aResolve({ kind: 'channel', target: null, title: 'ops', cause: 'channel_disabled', ending: 'deleted' }),
      'DELETED ops: was failing 12 min, no longer used',
    ],
    [aTold({ title: 'down\u202E\r\nBcc: x' }), 'DOWN down Bcc: x: connection refused'],
  ];
  for (const [told, title] of titles) {
    it(title, () => {
      expect(reportOf(aMessage([told])).title).to.equal(title);
    });
  }

  it('begins with what happened, and fits a lock screen', () => {
    const { title } = reportOf(aMessage([aTold({ title: 'x'.repeat(2_048) })]));
    expect(title).to.have.length.below(150);
    expect(title).to.match(/^DOWN x+…: connection refused$/);
  });

  it('is where, since when, why, what to do, and what was measured', () => {
    const told = aTold({ incidents: 3 });
    expect(reportOf(aMessage([told])).facts.map(({ label, text }) => `${label}: ${text}`)).to.deep.equal([
      'Website: https://shop.example.org/cart',
      'Since: 28 Nov 2026, 16:04:09 CET, for 1 min',
      'Why: Nothing listens on the port (connect ECONNREFUSED 192.0.2.1:443)',
      'What to do: Start the server, or correct the port',
      'Incidents: 3 in a row',
      'Last good check: 28 Nov 2026, 16:03:09 CET',
      'Measured: DNS 1 ms, connect 10 ms, in all 44 ms',
      'Labels: env=prod, team=web',
    ]);
  });

  it('says what to do about every condition', () => {
    for (const cause of [
      'slow',
      'certificate_expires',
      'not_checked',
      'channel_failing',
      'channel_disabled',
    ]) {
      const told = aTold({ kind: 'channel', target: null, title: 'ops', cause, check: null });
      const labels = reportOf(aMessage([told])).facts.map(({ label }) => label);
      expect(labels, cause).to.include.members(['Why', 'What to do']);
    }
  });

  it('of its end is from when to when, and for how long', () => {
    expect(reportOf(aMessage([aResolve()])).facts.slice(0, 3)).to.deep.equal([
      { label: 'Website', text: 'https://shop.example.org/cart' },
      { label: 'When', text: '28 Nov 2026, 16:04:09 – 16:16:09 CET, 12 min' },
      { label: 'Cause', text: 'Nothing listens on the port' },
    ]);
  });

  const zones: [zone: string, since: RegExp][] = [
    ['Europe/Berlin', /^28 Nov 2026, 16:04:09 CET/],
    ['America/New_York', /^28 Nov 2026, 10:04:09 GMT-5/],
    ['Asia/Kolkata', /^28 Nov 2026, 20:34:09 GMT\+5:30/],
    ['Mars/Olympus', /^28 Nov 2026, 15:04:09 UTC/],
  ];
  for (const [timeZone, since] of zones) {
    it(`is in the time of ${timeZone}`, () => {
      const { facts } = reportOf(aMessage([aTold()], { timeZone }));
      expect(facts.find(({ label }) => label === 'Since')?.text).to.match(since);
    });
  }

  it('says that our own network may be at fault', () => {
    expect(reportOf(aMessage([aTold({ mayBeOurNetwork: true })])).notes.join()).to.match(/own network/);
    expect(reportOf(aMessage()).notes).to.deep.equal([]);
  });

  it('links to its page, if there are pages', () => {
    expect(reportOf(aMessage()).link).to.equal(null);
    expect(reportOf(aMessage([aTold()], { publicUrl: 'https://s.example' })).link).to.equal(
      'https://s.example/alerts/42',
    );
  });
});

describe('What a message says of several alerts', () => {
  const count = (overrides: Partial<Count>): Count => ({
    news: 'opened',
    kind: 'down',
    cause: 'connect_refused',
    ending: null,
    count: 1,
    ...overrides,
  });
  const up = { news: 'resolved', ending: 'recovered' } as const;

  const titles: [counts: Count[], title: string][] = [
    [[count({ count: 3 }), count(up)], '3 websites are down, 1 is up again'],
    [[count({}), count({ cause: 'dns_timeout' })], '2 websites are down'],
    [[count({ ...up, count: 2 })], '2 websites are up again'],
    [
      [count({}), count({ news: 'reminder', count: 4 }), count({ ...up, ending: 'paused' })],
      '1 website is down, 4 are still down, 1 is paused',
    ],
    [
      [count({}), count({ kind: 'certificate', cause: 'tls_expires_soon', count: 2 })],
      '1 website is down, 2 certificates expire soon',
    ],
    [[count({ news: 'acknowledged', count: 2 })], '2 websites are acknowledged'],
  ];
  for (const [counts, title] of titles) {
    it(title, () => {
      expect(reportOf(aMessage([aTold(), aTold()], { counts })).title).to.equal(title);
    });
  }

  it('names each, and counts the others by cause', () => {
    const message = aMessage([aTold(), aResolve({ alertId: '43', title: 'blog' })], {
      counts: [count({ count: 31 }), count({ cause: 'http_status', count: 7 }), count({ ...up, count: 2 })],
    });
    const { items, notes, mood } = reportOf(message);
    expect(mood).to.equal('bad');
    expect(items.map(({ text }) => text)).to.deep.equal([
      'DOWN shop.example.org: connection refused',
      'UP blog: was down 12 min',
    ]);
    expect(notes).to.deep.equal([
      'And 30 more websites are down (connection refused); 7 more websites are down (HTTP status not accepted); ' +
        '1 more website is up again.',
    ]);
  });

  it('counts a pause apart from a recovery, of which one is named', () => {
    const paused = count({ ...up, ending: 'paused' });
    const { title, notes } = reportOf(aMessage([aResolve()], { counts: [count(up), paused] }));
    expect(title).to.equal('1 website is up again, 1 is paused');
    expect(notes).to.deep.equal(['And 1 more website is paused.']);
  });

  it('counts what does not fit, so that every alert is named or counted once', () => {
    const told = Array.from({ length: 20 }, (_, index) => aTold({ alertId: `${index}` })) as [
      Told,
      ...Told[],
    ];
    const message = aMessage(told, { counts: [count({ count: 20 })] });
    const { items, notes } = fittedReport(message, report => report.items.length <= 5);
    expect(items).to.have.length(5);
    expect(notes).to.deep.equal(['And 15 more websites are down (connection refused).']);
  });
});

describe('A duration', () => {
  const rows: [ms: number, text: string][] = [
    [0, 'less than 1 s'],
    [45_000, '45 s'],
    [61_000, '1 min 1 s'],
    [12 * MINUTE_MS, '12 min'],
    [59.9 * MINUTE_MS, '59 min'],
    [185 * MINUTE_MS, '3 h 5 min'],
    [52 * 60 * MINUTE_MS, '2 days 4 h'],
    [24 * 60 * MINUTE_MS, '1 day'],
    [-5, 'less than 1 s'],
  ];
  for (const [ms, text] of rows) {
    it(`of ${ms} ms is ${text}`, () => {
      const told = aResolve({ untilMs: SINCE_MS + ms });
      expect(reportOf(aMessage([told])).title).to.equal(`UP shop.example.org: was down ${text}`);
    });
  }
});

function never(): never {
  throw new Error('a told alert of specs has a check');
}
