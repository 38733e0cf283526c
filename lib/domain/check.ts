import type { Phases } from './answer.ts';
import type { Cause } from './cause.ts';
import type { Lease } from './lease.ts';

export type Outcome = 'up' | 'down' | 'unknown';

/** A judged answer for one slot. */
export interface Check {
  readonly lease: Lease;
  /** On the database's clock, in milliseconds since 1970 */
  readonly startedAtMs: number;
  readonly verdict: Verdict;
  readonly httpStatus: number | null;
  /** Null where there is no pattern, or no body to search */
  readonly regexMatch: boolean | null;
  readonly phases: Phases;
}

export type Verdict =
  | { readonly outcome: 'up' }
  | { readonly outcome: 'down' | 'unknown'; readonly cause: Cause; readonly detail: string };
