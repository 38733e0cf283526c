import { expect } from 'chai';
import type {
  AlertRow,
  AlertTables,
  DeliveryRow,
  ReceivedNews,
} from '../../../scripts/history/alert-tables.ts';
import { findAlertBreaches } from '../../../scripts/history/find-alert-breaches.ts';

const HOOK = { id: '1', name: 'hook', isGrouped: false, sendsResolved: true, createdMs: 0 };
const CHAT = { ...HOOK, id: '2', name: 'chat', isGrouped: true };

const ALERT: AlertRow = {
  id: '7',
  kind: 'down',
  targetId: '5',
  state: 'closed',
  startedMs: 1_000,
  openedMs: 1_100,
  endedMs: 9_000,
  closedMs: 10_000,
  ending: 'recovered',
  channels: [{ id: '1', isTold: true }],
};

const OPENED: DeliveryRow = {
  id: '1',
  channelId: '1',
  alertId: '7',
  news: 'opened',
  state: 'sent',
  messageId: 'a',
  mayHaveArrived: false,
  finishedMs: 1_200,
};
const RESOLVED: DeliveryRow = { ...OPENED, id: '2', news: 'resolved', messageId: 'b', finishedMs: 10_100 };

const taken = ({ channelId, messageId, alertId, news, finishedMs }: DeliveryRow): ReceivedNews => ({
  channelId,
  messageId: String(messageId),
  alertId,
  news,
  atMs: finishedMs ?? 0,
  isAccepted: true,
});

const TABLES: AlertTables = {
  channels: [HOOK, CHAT],
  incidents: [{ targetId: '5', startedMs: 1_000, endedMs: 9_000 }],
  alerts: [ALERT],
  deliveries: [OPENED, RESOLVED],
};
const RECEIVED = [taken(OPENED), taken(RESOLVED)];

const CASES: readonly (readonly [
  found: string | null,
  when: string,
  tables: Partial<AlertTables>,
  received?: readonly ReceivedNews[],
])[] = [
  [null, 'all is as it should be', {}],
  ['A1: an incident has no alert', 'no alert covers it', { alerts: [], deliveries: [] }, []],
  [
    null,
    'an alert spans a later incident',
    { incidents: [...TABLES.incidents, { targetId: '5', startedMs: 4_000, endedMs: 9_000 }] },
  ],
  [
    'A1: an incident has no alert',
    'one began after the alert had closed',
    { incidents: [...TABLES.incidents, { targetId: '5', startedMs: 11_000, endedMs: null }] },
  ],
  [
    'A1: a delivery is neither sent nor dead',
    'one still waits',
    { deliveries: [OPENED, { ...RESOLVED, state: 'waiting', finishedMs: null }] },
    [taken(OPENED)],
  ],
  [
    'A1: a delivery counts as sent, but the receiver did not take it',
    'it is not in its log',
    {},
    [taken(OPENED), { ...taken(RESOLVED), isAccepted: false }],
  ],
  [
    'A1: an alert was told to a channel without a delivery',
    'there is none',
    { deliveries: [], alerts: [{ ...ALERT, state: 'open', closedMs: null }] },
    [],
  ],
  [null, 'a channel has been removed', { channels: [CHAT] }],
  [
    'A2: the same news came under several ids',
    'they differ',
    {},
    [...RECEIVED, { ...taken(OPENED), messageId: 'c' }],
  ],
  [
    'A2: the same message came twice though its outcome was known',
    'nobody was in doubt',
    {},
    [...RECEIVED, taken(OPENED)],
  ],
  [
    null,
    'it came twice under one id, and nobody could know',
    { deliveries: [{ ...OPENED, mayHaveArrived: true }, RESOLVED] },
    [...RECEIVED, taken(OPENED)],
  ],
  [
    'A4: an end was sent where nobody heard of a beginning',
    'the beginning was refused',
    { deliveries: [{ ...OPENED, state: 'dead' }, RESOLVED] },
    [taken(RESOLVED)],
  ],
  [
    'A4: an alert is over, and a channel that knows of it was not told',
    'there is no delivery of its end',
    { deliveries: [OPENED] },
    [taken(OPENED)],
  ],
  [
    'A4: an end was dropped where the beginning may be known',
    'the opening was sent',
    { deliveries: [OPENED, { ...RESOLVED, state: 'dropped' }] },
    [taken(OPENED)],
  ],
  [
    null,
    'the end is dropped where the beginning was surely refused',
    {
      deliveries: [
        { ...OPENED, state: 'dead' },
        { ...RESOLVED, state: 'dropped' },
      ],
    },
    [],
  ],
  [
    'A4: a beginning came after the end',
    'it was late',
    { deliveries: [{ ...OPENED, mayHaveArrived: true }, RESOLVED] },
    [...RECEIVED, { ...taken(OPENED), atMs: 11_000 }],
  ],
  [
    'A5: two messages came sooner than the interval',
    'they are 59 s apart',
    {
      deliveries: [
        OPENED,
        RESOLVED,
        { ...OPENED, id: '3', channelId: '2', messageId: 'x', finishedMs: 100_000 },
        { ...RESOLVED, id: '4', channelId: '2', messageId: 'y', finishedMs: 159_000 },
      ],
    },
  ],
  ['A6: an alert has no incident', 'the ledger has none', { incidents: [] }],
];

describe('The breaches of what alerting promises', () => {
  for (const [found, when, tables, received = RECEIVED] of CASES) {
    it(`${found ?? 'are none'}: if ${when}`, () => {
      const breaches = findAlertBreaches({ ...TABLES, ...tables }, received, { alertIntervalMs: 60_000 });
      expect(breaches.map(({ promise, problem }) => `${promise}: ${problem}`)).to.deep.equal(
        found === null ? [] : [found],
      );
    });
  }
});
