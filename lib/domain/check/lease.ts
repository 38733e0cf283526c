import type { Target } from '../target/target.ts';

/** One scheduled moment of one target: the key under which its check is recorded. */
export interface Slot {
  readonly targetId: string;
  /** The text that PostgreSQL wrote; a `Date` would drop the microseconds and break the key */
  readonly scheduledAt: string;
}

/** The right to run one slot until a deadline. Slots are leased in batches. */
export interface Lease {
  readonly slot: Slot;
  readonly target: Target;
  /** Whether the target was down when its slot was leased; another `down` is then no transition */
  readonly isDown: boolean;
  readonly batchId: string;
  /** Raised by each takeover; only the newest epoch of a batch may record or release it */
  readonly epoch: number;
  /** On this process's monotonic clock (`performance.now()`); the lease counts from before its query was sent */
  readonly expiresAtMonotonicMs: number;
  /** On the same clock: attempts end by then, so that the rest of the lease is left for recording */
  readonly attemptsEndMonotonicMs: number;
  /** Add this to a moment of `performance.now()` to get the database's clock, in milliseconds since 1970 */
  readonly databaseClockOffsetMs: number;
  /** `slot.scheduledAt` in milliseconds since 1970, to calculate with; the text is the key */
  readonly scheduledAtMs: number;
}

const SLACK_MS_MAX = 5_000;

/**
 * What a lease allows a check of this timeout beyond its attempts, for time in which the worker is held up.
 *
 * The lease has room for it: `lease_duration` in SQL adds as much, which a spec compares.
 */
export const leaseSlackMs = (timeoutMs: number): number => Math.min(timeoutMs, SLACK_MS_MAX);
