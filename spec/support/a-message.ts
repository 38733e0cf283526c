import type { Message, Told } from '../../lib/alerting/message.ts';
import { aCheck } from './a-check.ts';

/** 28 November 2026, 16:04:09 in Berlin. */
export const SINCE_MS = Date.parse('2026-11-28T15:04:09Z');
const MINUTE_MS = 60_000;

/** The opening of an alert: a shop that refuses connections, but for `overrides`. */
export const aTold = (overrides: Partial<Told> = {}): Told => ({
  news: 'opened',
  isWhole: false,
  alertId: '42',
  kind: 'down',
  target: {
    id: '7',
    key: 'shop',
    url: 'https://shop.example.org/cart',
    labels: { env: 'prod', team: 'web' },
  },
  title: 'shop.example.org',
  cause: 'connect_refused',
  detail: 'connect ECONNREFUSED 192.0.2.1:443',
  sinceMs: SINCE_MS,
  untilMs: null,
  ending: null,
  incidents: 1,
  lastGoodAtMs: SINCE_MS - MINUTE_MS,
  check: { httpStatus: null, phases: { ...aCheck().phases, tlsUs: null, ttfbUs: null, transferUs: null } },
  mayBeOurNetwork: false,
  acknowledgedBy: null,
  ...overrides,
});

/** The end of the same alert, 12 minutes later. */
export const aResolve = (overrides: Partial<Told> = {}): Told =>
  aTold({ news: 'resolved', untilMs: SINCE_MS + 12 * MINUTE_MS, ending: 'recovered', ...overrides });

/** A message that tells `told` and nothing else, a minute after the alert began. */
export const aMessage = (told: Message['told'] = [aTold()], overrides: Partial<Message> = {}): Message => ({
  id: '0b8f1d5e-6f1c-4c0e-9a55-1c7e3c1d2f3a',
  atMs: SINCE_MS + MINUTE_MS,
  channel: 'ops',
  timeZone: 'Europe/Berlin',
  publicUrl: null,
  told,
  counts: told.map(({ news, kind, cause, ending }) => ({ news, kind, cause, ending, count: 1 })),
  ...overrides,
});

/** What somebody might name a website to deceive, to disturb, or to break in. */
export const HOSTILE_TEXTS = [
  '<!channel> <@U123> @everyone @here <@&99> <t:0:R> @admin',
  '*bold* _it_ ~no~ `code` ```block``` **x** __y__ ||spoiler|| > quote # head [a](https://evil.example)',
  '<script>alert(1)</script><img src=x onerror=alert(1)> & "quotes" \'single\' <https://evil.example|shop>',
  'shop\r\nBcc: victim@example.org\r\n\r\nbody',
  'up\u202Enwod si\u202C\u200B\u2066\uFEFF shop',
  'null\0 bell\u0007 escape\u001B[31mred lone\uD800surrogate line\u2028separator',
  'x'.repeat(2_048),
  '&'.repeat(2_048),
  '\u{1F525}'.repeat(1_024),
  '',
] as const;

/** Many alerts with the longest texts there are, and a thousand that are not named. */
export const aFlood = (text: string, namedCount = 20): Message => {
  const labels = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`${text}${index}`, text]));
  const one = (index: number): Told =>
    aTold({
      alertId: `${index}`,
      title: text,
      detail: text.slice(0, 500),
      target: { id: '1', key: text, url: `https://example.org/${text}`, labels },
      acknowledgedBy: text,
    });
  return aMessage([one(0), ...Array.from({ length: namedCount - 1 }, (_, index) => one(index + 1))], {
    channel: text,
    publicUrl: 'https://status.example.org',
    counts: [
      { news: 'opened', kind: 'down', cause: 'connect_refused', ending: null, count: namedCount + 1_000 },
    ],
  });
};
