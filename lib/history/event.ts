import type { Cause } from '../domain/check/cause.ts';
import type { Outcome } from '../domain/check/check.ts';

interface Told {
  /** A random id of one start of a worker: configured names need not differ */
  readonly worker: string;
  readonly batchId: string;
  readonly epoch: number;
  readonly targetId: string;
  /** As PostgreSQL wrote it */
  readonly scheduledAt: string;
  /** The database's clock as far as this worker knows it, and never ahead of it; ms since 1970 */
  readonly databaseMs: number;
  /** The worker's own `performance.now()` */
  readonly monotonicMs: number;
}

/** The worker has heard that it may run the slot; taken over if under an epoch beyond the first. */
export interface Leased extends Told {
  readonly event: 'leased' | 'taken_over';
  readonly expiresAtMonotonicMs: number;
}

/** Told before the request is sent; `confirming` before the request of a further attempt. */
export interface Started extends Told {
  readonly event: 'started' | 'confirming';
}

/** Judged; told before it is sent to be recorded. */
export interface Finished extends Told {
  readonly event: 'finished';
  readonly outcome: Outcome;
  /** Null when up */
  readonly cause: Cause | null;
  readonly totalUs: number;
}

/** Not run, or not to its end; told before it is sent to be given back. */
export interface Returned extends Told {
  readonly event: 'returned';
  readonly reason: 'shutdown' | 'lease_too_short';
}

/** What the database has answered: recorded; not recorded, since the lease was lost; or given back. */
export interface Answered extends Told {
  readonly event: 'recorded' | 'lost' | 'given_back';
}

/** What happened to one slot at one worker. */
export type HistoryEvent = Leased | Started | Finished | Returned | Answered;
