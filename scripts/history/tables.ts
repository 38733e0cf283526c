import type { Cause } from '../../lib/domain/check/cause.ts';
import type { Outcome } from '../../lib/domain/check/check.ts';
import type { GapReason } from '../../lib/domain/check/skip-reason.ts';

/** A snapshot of the database as plain data. Slots are in µs since 1970. */
export interface Tables {
  readonly results: readonly Result[];
  readonly gaps: readonly Gap[];
  readonly openBatches: readonly OpenBatch[];
  /** Of existing, enabled targets */
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

/** A row of `lease_batches`: its slots are leased and not recorded yet. */
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
  /** The last change of the target's row; its earlier grid is unknown */
  readonly sinceUs: number;
  /** All slots before it were leased or became gaps */
  readonly nextUs: number;
}

/** One request in the log of a test website. One per check: only the first hop of redirects. */
export interface LoggedRequest {
  readonly targetId: string;
  /** When it arrived, on a clock that agrees with the database's */
  readonly atMs: number;
  /** Null if the response was not sent completely */
  readonly answer: { readonly atMs: number; readonly status: number } | null;
}
