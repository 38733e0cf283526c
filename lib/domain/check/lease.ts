import type { Target } from '../target/target.ts';

/** One scheduled moment of one target. */
export interface Slot {
  readonly targetId: string;
  /** As PostgreSQL wrote it: a `Date` would drop the microseconds and break the key */
  readonly scheduledAt: string;
}

/** The right to run one slot until a deadline, as one member of a leased batch. */
export interface Lease {
  readonly slot: Slot;
  readonly target: Target;
  /** Whether the target was down when it was leased: then one more down is no news */
  readonly isDown: boolean;
  readonly batchId: string;
  /** Raised by each takeover: only the newest epoch of a batch may record or release */
  readonly epoch: number;
  /** On this process's monotonic clock (`performance.now()`), counted from before the query was sent */
  readonly expiresAtMonotonicMs: number;
  /** Add to a monotonic moment of this process to get the database's clock, in ms since 1970 */
  readonly databaseClockOffsetMs: number;
  /** `scheduledAt` in milliseconds since 1970, for measuring; the text above is the key */
  readonly scheduledAtMs: number;
}
