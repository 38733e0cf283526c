import type { AlertChannel, AlertRow, AlertTables, DeliveryRow, ReceivedNews } from './alert-tables.ts';

/** A promise of alerting that was broken. */
export interface AlertBreach {
  /** Its number in docs/ARCHITECTURE.md */
  readonly promise: 'A1' | 'A2' | 'A4' | 'A5' | 'A6';
  /** One of a fixed set of sentences, for counting */
  readonly problem: string;
  readonly detail: string;
}

export interface AlertRules {
  /** Least time from one message to the next to a grouped channel, in ms */
  readonly alertIntervalMs: number;
}

/** Clocks of PostgreSQL and of the receivers are read at slightly different moments. */
const TOLERANCE_MS = 200;

/**
 * Returns every breach of the promises of alerting; an empty array if all hold. Pure: reads a snapshot of the tables and
 * the logs of the receivers, once nothing is waiting any more.
 *
 * @param received of channels whose receivers are ours and tell alerts apart
 */
export function findAlertBreaches(
  tables: AlertTables,
  received: readonly ReceivedNews[],
  rules: AlertRules,
): readonly AlertBreach[] {
  return [
    ...lostIncidents(tables),
    ...lostDeliveries(tables, received),
    ...repeatedMessages(tables, received),
    ...wrongEnds(tables),
    ...wrongOrders(received),
    ...storms(tables, rules),
    ...alertsWithoutIncident(tables),
  ];
}

const covers = (alert: AlertRow, targetId: string, startedMs: number): boolean =>
  alert.kind === 'down' &&
  alert.targetId === targetId &&
  alert.startedMs <= startedMs &&
  (alert.closedMs === null || startedMs <= alert.closedMs);

/** A1: each incident belongs to one alert. */
const lostIncidents = ({ incidents, alerts }: AlertTables): AlertBreach[] => {
  const ofTarget = Map.groupBy(alerts, ({ targetId }) => targetId);
  return incidents.flatMap(({ targetId, startedMs }) =>
    (ofTarget.get(targetId) ?? []).some(alert => covers(alert, targetId, startedMs))
      ? []
      : breach('A1', 'an incident has no alert', `target ${targetId} at ${iso(startedMs)}`),
  );
};

/** A1: everything that is to be sent is sent or dead, and what is sent was taken by the receiver. */
function lostDeliveries(
  { channels, alerts, deliveries }: AlertTables,
  received: readonly ReceivedNews[],
): AlertBreach[] {
  const logged = new Set(received.map(({ channelId }) => channelId));
  const taken = new Set(received.filter(({ isAccepted }) => isAccepted).map(newsKey));
  const openings = new Set(
    deliveries
      .filter(({ news }) => news === 'opened')
      .map(({ channelId, alertId }) => `${channelId} ${alertId}`),
  );
  const known = new Set(channels.map(({ id }) => id));
  return [
    ...deliveries.flatMap(one => [
      ...(one.state === 'waiting' ? breach('A1', 'a delivery is neither sent nor dead', newsKey(one)) : []),
      ...(one.state === 'sent' && logged.has(one.channelId) && !taken.has(newsKey(one))
        ? breach('A1', 'a delivery counts as sent, but the receiver did not take it', newsKey(one))
        : []),
    ]),
    ...alerts.flatMap(alert =>
      alert.channels.flatMap(({ id, isTold }) =>
        isTold && known.has(id) && !openings.has(`${id} ${alert.id}`)
          ? breach(
              'A1',
              'an alert was told to a channel without a delivery',
              `alert ${alert.id}, channel ${id}`,
            )
          : [],
      ),
    ),
  ];
}

/** A2: what the receiver took twice has the same id, and nobody could know that it had taken it. */
function repeatedMessages({ deliveries }: AlertTables, received: readonly ReceivedNews[]): AlertBreach[] {
  const doubtful = new Set(deliveries.filter(({ mayHaveArrived }) => mayHaveArrived).map(newsKey));
  const taken = received.filter(({ isAccepted, news }) => isAccepted && news !== 'reminder');
  return [...Map.groupBy(taken, newsKey)].flatMap(([key, times]) => {
    if (times.length === 1) return [];
    const ids = new Set(times.map(({ messageId }) => messageId));
    if (ids.size > 1) return breach('A2', 'the same news came under several ids', key);
    return doubtful.has(key)
      ? []
      : breach('A2', 'the same message came twice though its outcome was known', key);
  });
}

/** A4: "over" goes to those that may know of the beginning, and to all of them. */
function wrongEnds({ channels, alerts, deliveries }: AlertTables): AlertBreach[] {
  const byChannel = new Map(channels.map(channel => [channel.id, channel]));
  const byAlert = Map.groupBy(deliveries, ({ alertId }) => alertId);
  return alerts.flatMap(alert => {
    const perChannel = Map.groupBy(byAlert.get(alert.id) ?? [], ({ channelId }) => channelId);
    return [...perChannel].flatMap(([channelId, news]) => wrongEnd(alert, byChannel.get(channelId), news));
  });
}

function wrongEnd(
  alert: AlertRow,
  channel: AlertChannel | undefined,
  news: readonly DeliveryRow[],
): AlertBreach[] {
  const where = `alert ${alert.id}, channel ${channel?.name ?? 'removed'}`;
  const opening = news.find(one => one.news === 'opened');
  const end = news.find(one => one.news === 'resolved');
  const mayKnow = opening !== undefined && (opening.state === 'sent' || opening.mayHaveArrived);
  if (end?.state === 'sent' && !mayKnow)
    return breach('A4', 'an end was sent where nobody heard of a beginning', where);
  if (alert.state !== 'closed' || channel === undefined || !channel.sendsResolved || !mayKnow) return [];
  if (end === undefined)
    return breach('A4', 'an alert is over, and a channel that knows of it was not told', where);
  return end.state === 'dropped'
    ? breach('A4', 'an end was dropped where the beginning may be known', where)
    : [];
}

/** A4: the end comes after the beginning. */
const wrongOrders = (received: readonly ReceivedNews[]): AlertBreach[] =>
  [...Map.groupBy(received, ({ channelId, alertId }) => `${channelId} ${alertId}`)].flatMap(([key, news]) => {
    const firstEnd = Math.min(...news.filter(one => one.news === 'resolved').map(({ atMs }) => atMs));
    const lastOpening = Math.max(...news.filter(one => one.news === 'opened').map(({ atMs }) => atMs));
    return firstEnd < lastOpening ? breach('A4', 'a beginning came after the end', key) : [];
  });

/** A5: a channel that people read gets one message an interval. */
const storms = ({ channels, deliveries }: AlertTables, { alertIntervalMs }: AlertRules): AlertBreach[] =>
  channels
    .filter(({ isGrouped }) => isGrouped)
    .flatMap(channel => {
      const sent = deliveries.filter(({ channelId, state }) => channelId === channel.id && state === 'sent');
      const messages = Map.groupBy(sent, ({ messageId }) => messageId);
      const times = [...messages.values()]
        .map(parts => parts[0]?.finishedMs ?? 0)
        .sort((one, other) => one - other);
      return times.flatMap((time, index) => {
        const before = times[index - 1];
        return before === undefined || time - before >= alertIntervalMs - TOLERANCE_MS
          ? []
          : breach('A5', 'two messages came sooner than the interval', `${channel.name} at ${iso(time)}`);
      });
    });

/** A6: nothing but an incident of the ledger makes an alert say that a website is down. */
const alertsWithoutIncident = ({ incidents, alerts }: AlertTables): AlertBreach[] => {
  const known = Map.groupBy(incidents, ({ targetId }) => targetId);
  return alerts.flatMap(alert =>
    alert.kind !== 'down' ||
    (known.get(alert.targetId ?? '') ?? []).some(({ startedMs }) =>
      covers(alert, String(alert.targetId), startedMs),
    )
      ? []
      : breach('A6', 'an alert has no incident', `alert ${alert.id}`),
  );
};

const newsKey = ({
  channelId,
  alertId,
  news,
}: Pick<ReceivedNews, 'channelId' | 'alertId' | 'news'>): string =>
  `channel ${channelId}, alert ${alertId}, ${news}`;

const iso = (ms: number): string => new Date(ms).toISOString();

const breach = (promise: AlertBreach['promise'], problem: string, detail: string): [AlertBreach] => [
  { promise, problem, detail },
];
