import type { Phases } from './answer.ts';
import type { Cause } from './cause.ts';
import type { Lease } from './lease.ts';

export type Outcome = 'up' | 'down' | 'unknown';

export type Verdict =
  | { readonly outcome: 'up' }
  | { readonly outcome: 'down' | 'unknown'; readonly cause: Cause; readonly detail: string };

/** A judged answer for one slot. */
export interface Check {
  readonly kind: 'checked';
  readonly lease: Lease;
  /** On the database's clock, in milliseconds since 1970 */
  readonly startedAtMs: number;
  readonly verdict: Verdict;
  /** Of the last hop; null where no status line came */
  readonly httpStatus: number | null;
  /** Null where there is no pattern, or no body to search */
  readonly regexMatch: boolean | null;
  /** Only the beginning of the body was read and judged */
  readonly bodyCut: boolean;
  readonly phases: Phases;
}

/** A leased slot that was not run: it goes back, and is run by whoever leases it next. */
export interface Unrun {
  readonly kind: 'unrun';
  readonly lease: Lease;
  readonly reason: 'shutdown' | 'lease_too_short';
}

/** How a lease ends. */
export type Settled = Check | Unrun;
