import type { Cause } from '../../lib/domain/check/cause.ts';
import type { Outcome } from '../../lib/domain/check/check.ts';
import type { GapReason } from '../../lib/domain/check/skip-reason.ts';

/** What the database holds at one moment, as plain data. Moments of slots are in µs since 1970. */
export interface Tables {
  readonly results: readonly Result[];
  readonly gaps: readonly Gap[];
  readonly openBatches: readonly OpenBatch[];
  /** Of the targets that are there and enabled */
  readonly schedules: readonly Schedule[];
}

/** One slot of one target. */
export interface SlotOf {
  readonly targetId: string;
  readonly slotUs: number;
}

export interface Result extends SlotOf {
  readonly startedAtMs: number;
  readonly totalUs: number;
  readonly outcome: Outcome;
  readonly cause: Cause | null;
}

/** Both ends included. */
export interface Gap {
  readonly targetId: string;
  readonly firstUs: number;
  readonly lastUs: number;
  readonly slots: number;
  /** Other than `no_worker`: a worker skipped the slot, whose batch may still be open */
  readonly reason: GapReason;
}

/** A row of `lease_batches`: what it holds is on its way. */
export interface OpenBatch {
  readonly batchId: string;
  readonly epoch: number;
  readonly slots: readonly SlotOf[];
}

export interface Schedule {
  readonly targetId: string;
  readonly intervalUs: number;
  /** Any moment of the grid */
  readonly gridOriginUs: number;
  /** The last change of the target's row: how its slots lay before is not known */
  readonly sinceUs: number;
  /** All slots before it have been leased, or become gaps */
  readonly nextUs: number;
}

/** What a website of our own says of one request. One for each check: of redirects, only the first hop. */
export interface LoggedRequest {
  readonly targetId: string;
  /** When it came; on a clock that agrees with the database's */
  readonly atMs: number;
  /** Null where it was not sent to its end */
  readonly answer: { readonly atMs: number; readonly status: number } | null;
}
