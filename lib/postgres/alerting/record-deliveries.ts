import { defer } from 'rxjs';
import { CHANNEL_KINDS } from '../../alerting/channel.ts';
import type { AlertingPorts, Attempt, Delivered, DeliveryReport } from '../../alerting/ports.ts';
import { retryPauseMs } from '../../alerting/retry-pause.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';
import { retryDatabase } from '../retry-database.ts';
import type { AlertingTrouble } from './alerting-trouble.ts';

export interface RecordDeliveriesSettings extends Pick<AlertingTrouble, 'onTrouble'> {
  /** Least time from one message to the next, to channels that people read */
  readonly alertIntervalMs: number;
}

/** How long a delivery is tried */
const GIVE_UP_MS = 86_400_000;

/** Records what came of sending to a channel, in one statement that is retried until it succeeds. */
export function recordDeliveries(
  database: Database,
  { alertIntervalMs, onTrouble }: RecordDeliveriesSettings,
): AlertingPorts['record'] {
  const text = statement('record-deliveries');
  return delivered => {
    const { batch, attempts } = delivered;
    const values = [
      batch.channel.id,
      batch.epoch,
      JSON.stringify(attempts.map(attemptJson)),
      pauseMs(delivered, alertIntervalMs),
      GIVE_UP_MS,
      goneProblem(attempts),
      batch.channel.url,
    ];
    return defer(async (): Promise<DeliveryReport> => {
      const counts = await database.query<DeliveryReport['counts'][number]>(
        text,
        values,
        'website_monitor.record-deliveries',
      );
      return { delivered, counts };
    }).pipe(retryDatabase(onTrouble));
  };
}

function pauseMs({ batch, attempts }: Delivered, alertIntervalMs: number): number {
  const sent = attempts.map(attempt => attempt.sent);
  const failed = sent.filter(({ kind }) => kind === 'failed');
  if (failed.length > 0) return retryPauseMs(batch.failures, failed, Math.random());
  const isAccepted = sent.some(({ kind }) => kind === 'accepted');
  return isAccepted && CHANNEL_KINDS[batch.channel.kind].isGrouped ? alertIntervalMs : 0;
}

/** Why the receiver says that it will never take another message; null if it does not. */
const goneProblem = (attempts: readonly Attempt[]): string | null =>
  attempts.flatMap(({ sent }) => (sent.kind === 'refused' && sent.isGone ? sent.problem : []))[0] ?? null;

/** As `record-deliveries.sql` reads it */
const attemptJson = ({ message, sent }: Attempt) => ({
  messageId: message.id,
  outcome: sent.kind,
  problem: sent.kind === 'accepted' ? null : sent.problem,
  mayHaveArrived: sent.kind === 'failed' && sent.mayHaveArrived,
});
