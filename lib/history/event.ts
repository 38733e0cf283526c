import type { Cause } from '../domain/check/cause.ts';
import type { Outcome } from '../domain/check/check.ts';
import type { SkipReason } from '../domain/check/skip-reason.ts';

interface Common {
  /** A random id of one start of a worker; configured names need not be unique */
  readonly worker: string;
  readonly batchId: string;
  readonly epoch: number;
  readonly targetId: string;
  /** The text that PostgreSQL wrote */
  readonly scheduledAt: string;
  /** The database's clock as this worker knows it, never ahead of it, in milliseconds since 1970 */
  readonly databaseMs: number;
  /** `performance.now()` of the worker */
  readonly monotonicMs: number;
}

/** The worker received the lease of the slot, or took it over under a later epoch. */
export interface Leased extends Common {
  readonly event: 'leased' | 'taken_over';
  readonly expiresAtMonotonicMs: number;
}

/** The first attempt is about to start; `confirming`: a further attempt is. */
export interface Started extends Common {
  readonly event: 'started' | 'confirming';
}

/** The slot was checked and is about to be recorded. */
export interface Finished extends Common {
  readonly event: 'finished';
  readonly outcome: Outcome;
  /** Null if up */
  readonly cause: Cause | null;
  readonly totalUs: number;
}

/** The slot was not run, or not to the end, and is about to be given back. */
export interface Returned extends Common {
  readonly event: 'returned';
  readonly reason: 'shutdown' | 'lease_too_short';
}

/** The slot is about to become a gap. */
export interface Skipped extends Common {
  readonly event: 'skipped';
  readonly reason: SkipReason;
}

/** The database's answer: recorded, not recorded because the lease was lost, given back, or made a gap. */
export interface Answered extends Common {
  readonly event: 'recorded' | 'lost' | 'given_back' | 'made_gap';
}

/** One thing that happened to one slot at one worker. */
export type HistoryEvent = Leased | Started | Finished | Returned | Skipped | Answered;
