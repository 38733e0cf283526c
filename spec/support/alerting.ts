import { firstValueFrom, NEVER } from 'rxjs';
import type { Sent } from '../../lib/alerting/channel.ts';
import type { Message } from '../../lib/alerting/message.ts';
import type { AlertPass, DeliveryBatch, DeliveryPass, DeliveryReport } from '../../lib/alerting/ports.ts';
import { alertingPorts } from '../../lib/postgres/alerting/alerting-ports.ts';
import type { Database } from '../../lib/postgres/database.ts';
import type { ReceivedNews } from '../../scripts/history/alert-tables.ts';
import { readNews } from '../../scripts/history/read-news.ts';
import { type MigratedDatabase, truncate } from './migrated-database.ts';
import type { HttpReceiver } from './receivers.ts';

export const ACCEPTED: Sent = { kind: 'accepted' };
export const REFUSED: Sent = { kind: 'refused', problem: 'status 400', isGone: false };
export const GONE: Sent = { kind: 'refused', problem: 'status 410', isGone: true };
/** Surely not taken */
export const UNREACHABLE: Sent = {
  kind: 'failed',
  problem: 'connection refused',
  mayHaveArrived: false,
  retryAfterMs: null,
};
/** Nobody knows */
export const NO_ANSWER: Sent = {
  kind: 'failed',
  problem: 'timeout',
  mayHaveArrived: true,
  retryAfterMs: null,
};

export interface HandDrivenAlerting {
  /** One look at events and due alerts */
  readonly advance: () => Promise<AlertPass>;
  /** Leases channels, without sending, and says when there may be more */
  readonly pass: () => Promise<DeliveryPass>;
  /** The batches of a pass */
  readonly lease: () => Promise<readonly DeliveryBatch[]>;
  readonly record: (batch: DeliveryBatch, ...sent: readonly Sent[]) => Promise<DeliveryReport>;
  /** Advances, leases, and records for each message what `answer` says; the messages that went out */
  readonly deliver: (answer?: (message: Message) => Sent) => Promise<Message[]>;
}

/** The alerting of a worker, a step at a time; by default without linger or pauses. */
export function handDrivenAlerting(
  database: Database,
  { alertIntervalMs = 0, lingerMs = 0 } = {},
): HandDrivenAlerting {
  const ports = alertingPorts(database, {
    worker: 'spec',
    alertAfterMs: 0,
    recoveryPeriodMs: 180_000,
    alertIntervalMs,
    publicUrl: null,
    lingerMs,
    stopping: NEVER,
    onTrouble: error => {
      throw error;
    },
  });
  const advance = () => firstValueFrom(ports.advance());
  const pass = () => firstValueFrom(ports.lease(10));
  const lease = async () => (await pass()).batches;
  const record: HandDrivenAlerting['record'] = (batch, ...sent) =>
    firstValueFrom(
      ports.record({
        batch,
        attempts: sent.flatMap((one, index) => {
          const message = batch.messages[index];
          return message ? [{ message, sent: one }] : [];
        }),
      }),
    );
  const deliver: HandDrivenAlerting['deliver'] = async (answer = () => ACCEPTED) => {
    await advance();
    const batches = await lease();
    for (const batch of batches) await record(batch, ...batch.messages.map(answer));
    return batches.flatMap(({ messages }) => messages);
  };
  return { advance, pass, lease, record, deliver };
}

/** What a message says, as `opened 1, resolved 2`: the news of each alert that it names, by its target. */
export const gist = ({ told }: Message): string =>
  told
    .map(({ news, target, isWhole }) => `${news}${isWhole ? ' whole' : ''} ${target?.id ?? 'ours'}`)
    .join(', ');

/** Facts of the ledger, as recording would write them. */
export function alertFacts({ psql, rows }: MigratedDatabase) {
  const addTarget = async (more: Readonly<Record<string, unknown>> = {}): Promise<string> => {
    const columns = { url: 'http://localhost:1/', check_interval: '1 h', ...more };
    const names = Object.keys(columns);
    const [row] = await rows<{ id: string }>(
      `INSERT INTO monitored_targets (${names.join()}) VALUES (${names.map((_, index) => `$${index + 1}`).join()}) RETURNING id::text`,
      Object.values(columns),
    );
    return String(row?.id);
  };
  const addChannel = async (name: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> => {
    const columns = { name, url: 'https://example.org/hook', ...more };
    const names = Object.keys(columns);
    const [row] = await rows<{ id: string }>(
      `INSERT INTO channels (${names.join()}) VALUES (${names.map((_, index) => `$${index + 1}`).join()}) RETURNING id::text`,
      Object.values(columns),
    );
    return String(row?.id);
  };
  const recordCheck = (target: string, outcome: string, ago = '0'): Promise<unknown> =>
    psql.query(
      `INSERT INTO check_results (target_id, scheduled_at, started_at, outcome, target_version, total_us, body_cut, cause, http_status)
       SELECT $1, now() - $3::interval, now() - $3::interval, $2::check_outcome, 1, 1000, false,
         (CASE WHEN $2 = 'up' THEN NULL ELSE 'http_status' END)::check_cause, 503 ON CONFLICT DO NOTHING`,
      [target, outcome, ago],
    );
  const goDown = async (target: string, ago = '0'): Promise<void> => {
    await psql.query(
      `INSERT INTO incidents (target_id, started_at, cause, detail) VALUES ($1, now() - $2::interval, 'http_status', 'the final status is 503')`,
      [target, ago],
    );
  };
  /** It is up, and was seen to be */
  const comeUp = async (target: string, ago = '0'): Promise<void> => {
    await psql.query(
      'UPDATE incidents SET ended_at = greatest(started_at, now() - $2::interval) WHERE target_id = $1 AND ended_at IS NULL',
      [target, ago],
    );
    await recordCheck(target, 'up');
  };
  return { addTarget, addChannel, recordCheck, goDown, comeUp };
}

/** Takes every row of alerting. */
export const emptyAlerting = ({ psql }: MigratedDatabase): Promise<void> =>
  truncate(psql, KEPT_BY_ALERTING, 'RESTART IDENTITY');

const KEPT_BY_ALERTING = [
  ...['channels', 'channel_queues', 'conditions', 'alert_events', 'alerts', 'deliveries'],
  ...['silences', 'workers'],
];

/** What a webhook's receiver took. */
export const receivedNews = ({ received }: HttpReceiver, channelId: string): ReceivedNews[] =>
  received.map(({ headers, text }, index) => ({
    channelId,
    messageId: String(headers['webhook-id']),
    ...readNews(text),
    atMs: index,
    isAccepted: true,
  }));
