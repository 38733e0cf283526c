import { defer, type Observable } from 'rxjs';
import type { LeasePass, Missed, Ports } from '../../checking/ports.ts';
import type { Lease } from '../../domain/check/lease.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';
import { retryDatabase } from '../retry-database.ts';
import { type TargetRow, toTarget } from '../targets/target-row.ts';
import { type ClockSetBack, followClock } from './follow-clock.ts';
import type { HeldBatches } from './held-batches.ts';

/** How slots are leased. */
export interface LeaseSettings {
  /** Name in `lease_batches` */
  readonly worker: string;
  /** For targets without a timeout of their own */
  readonly timeoutMs: number;
  /** Time for recording: a lease lasts this much longer than the batch's longest check may take */
  readonly leaseMarginMs: number;
  /** Slots are leased this long before they fall due, and run on time */
  readonly aheadMs: number;
  /** Attempts that one check may take, each with the full timeout */
  readonly attemptsMax: number;
  readonly onTrouble: (error: unknown, attempt: number) => void;
  /** The database's clock was set back, and this worker made the targets due again */
  readonly onClockSetBack?: ((setBack: ClockSetBack) => void) | undefined;
  /** Ends retries; slots not leased by then are left to other workers */
  readonly stopping: Observable<unknown>;
}

/** As `lease.sql` and `take-over-batch.sql` build it */
interface LeasedSlot {
  readonly batchId: string;
  readonly epoch: number;
  readonly lastsMs: number;
  readonly scheduledAt: string;
  readonly scheduledAtMs: number;
  readonly timeoutMs: number;
  readonly isDown: boolean;
  readonly target: TargetRow;
}

interface LeaseRow {
  readonly leases: readonly LeasedSlot[];
  readonly slots_missed: number;
  readonly database_now_ms: number;
}

interface DueRow extends Omit<LeaseRow, 'slots_missed'> {
  readonly missed: readonly Missed[];
  readonly more_due: boolean;
  readonly others_lease: boolean;
  readonly next_slot_in_ms: number | null;
  readonly next_expiry_in_ms: number | null;
}

const NEVER_MS = Number.POSITIVE_INFINITY;

/**
 * Pause after a claim that found nothing: the expired batch is being recorded, or another worker has claimed
 * it.
 */
const CLAIM_AGAIN_MS = 1_000;

/** Long enough for another worker's lease statement to commit, so that its expiry is visible. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Leases slots in passes. A pass takes over an expired batch if one is known, else leases due slots.
 * Takeovers come first: they can still tell slots worth running from slots that a newer one has made stale.
 * Each pass is one statement or one transaction, so a failure can be retried as a whole.
 */
export function leaseSlots(database: Database, held: HeldBatches, settings: LeaseSettings): Ports['lease'] {
  const { worker, timeoutMs, leaseMarginMs, attemptsMax, aheadMs } = settings;
  const leaseText = statement('lease');
  const claimText = statement('claim-expired-batch');
  const takeOverText = statement('take-over-batch');
  const clock = followClock(database, settings);
  let expiryDueAtMs = 0; // on the monotonic clock; 0 looks at once for batches that an earlier process left
  let claimPauseEndsAtMs = 0;

  const leaseDue = async (leasesMax: number): Promise<LeasePass> => {
    await clock.begin();
    const sentAtMs = performance.now();
    const values = [leasesMax, worker, timeoutMs, leaseMarginMs, held.ids(), attemptsMax, aheadMs];
    const [row] = await database.query<DueRow & Record<string, unknown>>(
      leaseText,
      values,
      'website_monitor.lease',
    );
    if (!row) throw new Error('lease.sql returned no row');
    const answeredAtMs = performance.now();
    const leases = toLeases(row, sentAtMs, answeredAtMs, leaseMarginMs);
    held.add(leases);
    const isDueAgain = await clock.read({ sentAtMs, answeredAtMs, databaseNowMs: row.database_now_ms });
    expiryDueAtMs = Math.max(claimPauseEndsAtMs, answeredAtMs + (row.next_expiry_in_ms ?? NEVER_MS));
    const nextDueInMs = Math.min(
      row.next_slot_in_ms ?? NEVER_MS,
      expiryDueAtMs - answeredAtMs,
      row.others_lease ? LOOK_AGAIN_MS : NEVER_MS,
    );
    return {
      leases,
      slotsMissed: row.missed.reduce((sum, { slots }) => sum + slots, 0),
      missed: row.missed,
      // A full batch means that more may be due. Rounded up, because waking too early would find nothing.
      nextDueInMs:
        leases.length === leasesMax || row.more_due || isDueAgain ? 0 : Math.max(1, Math.ceil(nextDueInMs)),
    };
  };

  const takeOver = async (leasesMax: number): Promise<LeasePass> => {
    const sentAtMs = performance.now();
    // Reset once a batch is claimed. If the takeover fails, due slots must not wait for it.
    claimPauseEndsAtMs = expiryDueAtMs = sentAtMs + CLAIM_AGAIN_MS;
    const row = await database.transaction(async query => {
      const [batch] = await query<{ batch_id: string }>(claimText, [held.ids()]);
      if (!batch) return null;
      const values = [batch.batch_id, leasesMax, worker, timeoutMs, leaseMarginMs, attemptsMax];
      return (await query<LeaseRow & Record<string, unknown>>(takeOverText, values))[0] ?? null;
    });
    if (!row) return { leases: [], slotsMissed: 0, nextDueInMs: 0 };
    claimPauseEndsAtMs = expiryDueAtMs = 0; // there may be more
    const leases = toLeases(row, sentAtMs, performance.now(), leaseMarginMs);
    held.add(leases);
    return { leases, slotsMissed: row.slots_missed, nextDueInMs: 0 };
  };

  return leasesMax =>
    defer(() => (performance.now() >= expiryDueAtMs ? takeOver(leasesMax) : leaseDue(leasesMax))).pipe(
      retryDatabase(settings.onTrouble, settings.stopping),
    );
}

function toLeases(
  row: Pick<LeaseRow, 'leases' | 'database_now_ms'>,
  sentAtMs: number,
  answeredAtMs: number,
  marginMs: number,
): Lease[] {
  // The database read its clock before we read ours, so a start is never dated before its slot.
  const databaseClockOffsetMs = row.database_now_ms - answeredAtMs;
  return row.leases.map(slot => ({
    slot: { targetId: slot.target.id, scheduledAt: slot.scheduledAt },
    target: toTarget(slot.target, slot.timeoutMs),
    isDown: slot.isDown,
    batchId: slot.batchId,
    epoch: slot.epoch,
    expiresAtMonotonicMs: sentAtMs + slot.lastsMs,
    attemptsEndMonotonicMs: sentAtMs + slot.lastsMs - marginMs,
    databaseClockOffsetMs,
    scheduledAtMs: slot.scheduledAtMs,
  }));
}
