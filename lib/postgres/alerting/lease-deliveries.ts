import { defer } from 'rxjs';
import { type Channel, GROUPED_KINDS } from '../../alerting/channel.ts';
import type { Message } from '../../alerting/message.ts';
import type { AlertingPorts, DeliveryPass } from '../../alerting/ports.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';
import { retryDatabase } from '../retry-database.ts';
import type { AlertingTrouble } from './alerting-trouble.ts';

export interface LeaseDeliveriesSettings extends AlertingTrouble {
  readonly worker: string;
  /** Where our pages are; null: messages have no links */
  readonly publicUrl: string | null;
}

/** Messages of a lease to a channel that gets one event per alert */
const MESSAGES_MAX = 100;
/** Alerts that a message names */
const NAMED_MAX = 20;
/** No message is begun later than this after the lease */
const BEGIN_MS_MAX = 10_000;
/** The longest attempt, and time to record it */
const LEASE_MS = BEGIN_MS_MAX + 15_000;
/** What is due and was not leased is locked, by another worker or by somebody who edits the channel */
const LOOK_AGAIN_MS = 1_000;

interface BatchJson {
  readonly channel: Channel;
  readonly timeZone: string;
  readonly epoch: number;
  readonly failures: number;
  readonly messages: readonly Pick<Message, 'id' | 'atMs' | 'counts' | 'told'>[];
}

/** Leases channels that have something to send. */
export function leaseDeliveries(
  database: Database,
  { worker, publicUrl, onTrouble, stopping }: LeaseDeliveriesSettings,
): AlertingPorts['lease'] {
  const text = statement('lease-deliveries');
  const lease = async (channelsMax: number): Promise<DeliveryPass> => {
    const sentAtMs = performance.now();
    const values = [worker, channelsMax, LEASE_MS, MESSAGES_MAX, GROUPED_KINDS, NAMED_MAX];
    const [row] = await database.query<{ batches: BatchJson[]; next_due_in_ms: number | null }>(
      text,
      values,
      'website_monitor.lease-deliveries',
    );
    if (!row) throw new Error('lease-deliveries.sql returned no row');
    const dueInMs = row.next_due_in_ms ?? Infinity;
    return {
      batches: row.batches.map(({ channel, timeZone, epoch, failures, messages }) => ({
        channel,
        epoch,
        failures,
        endsAtMonotonicMs: sentAtMs + BEGIN_MS_MAX,
        messages: messages.map(message => ({ ...message, channel: channel.name, timeZone, publicUrl })),
      })),
      nextDueInMs: dueInMs > 0 ? Math.ceil(dueInMs) : LOOK_AGAIN_MS,
    };
  };
  return channelsMax => defer(() => lease(channelsMax)).pipe(retryDatabase(onTrouble, stopping));
}
