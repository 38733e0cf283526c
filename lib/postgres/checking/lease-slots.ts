import { defer, type Observable } from 'rxjs';
import type { LeasePass, Ports } from '../../checking/ports.ts';
import { backoffMs, DATABASE_BACKOFF } from '../../domain/backoff.ts';
import type { Lease } from '../../domain/check/lease.ts';
import { retryWithBackoff } from '../../operators/retry-with-backoff.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';
import { type TargetRow, toTarget } from '../targets/target-row.ts';
import type { HeldBatches } from './held-batches.ts';

export interface LeaseSettings {
  /** Name in `lease_batches` */
  readonly worker: string;
  /** For targets without a timeout of their own */
  readonly timeoutMs: number;
  /** How much longer a batch is leased than its longest check may take: the time there is for recording */
  readonly leaseMarginMs: number;
  /** How long before they fall due slots are leased; each is run at its own time */
  readonly aheadMs: number;
  /** Attempts that one check may take, each with the whole timeout */
  readonly attemptsMax: number;
  readonly onTrouble: (error: unknown, attempt: number) => void;
  /** Ends the retrying: what was not leased by then is left to others */
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

interface DueRow extends LeaseRow {
  readonly others_lease: boolean;
  readonly next_slot_in_ms: number | null;
  readonly next_expiry_in_ms: number | null;
}

const NEVER_MS = Number.POSITIVE_INFINITY;

/** After a claim that brought nothing: the expired batch is being recorded, or claimed by another. */
const CLAIM_AGAIN_MS = 1_000;

/** By then another worker's lease statement has been committed, and its expiry can be seen. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Each pass is one statement or one transaction, so that a failure can be retried as a whole: a
 * takeover where a lease is known to have expired, else a lease of due slots. Takeovers come first,
 * because they can tell a slot worth running from one that a newer slot has made stale.
 */
export function leaseSlots(database: Database, held: HeldBatches, settings: LeaseSettings): Ports['lease'] {
  const { worker, timeoutMs, leaseMarginMs, attemptsMax, aheadMs } = settings;
  const leaseText = statement('lease');
  const claimText = statement('claim-expired-batch');
  const takeOverText = statement('take-over-batch');
  let expiryDueAtMs = 0; // on the monotonic clock; at start there may be what an earlier process left
  let claimPauseEndsAtMs = 0;

  const leaseDue = async (leasesMax: number): Promise<LeasePass> => {
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
    expiryDueAtMs = Math.max(claimPauseEndsAtMs, answeredAtMs + (row.next_expiry_in_ms ?? NEVER_MS));
    const nextDueInMs = Math.min(
      row.next_slot_in_ms ?? NEVER_MS,
      expiryDueAtMs - answeredAtMs,
      row.others_lease ? LOOK_AGAIN_MS : NEVER_MS,
    );
    return {
      leases,
      slotsMissed: row.slots_missed,
      // A full batch means that more may be due. Rounded up, or the wake-up would come just too early.
      nextDueInMs: leases.length === leasesMax ? 0 : Math.max(1, Math.ceil(nextDueInMs)),
    };
  };

  const takeOver = async (leasesMax: number): Promise<LeasePass> => {
    const sentAtMs = performance.now();
    // Taken back once a batch was claimed. Due slots must not wait for a takeover that fails.
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
      retryWithBackoff(
        attempt => backoffMs(DATABASE_BACKOFF, attempt, Math.random()),
        settings.onTrouble,
        settings.stopping,
      ),
    );
}

function toLeases(row: LeaseRow, sentAtMs: number, answeredAtMs: number, marginMs: number): Lease[] {
  // The database looked at its clock before we look at ours: a start is never dated too early for its slot.
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
