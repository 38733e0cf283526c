import type { Hop, Phases } from './answer.ts';
import type { Cause } from './cause.ts';
import type { Certificate } from './certificate.ts';
import type { Lease } from './lease.ts';
import type { Match } from './match.ts';

export type Outcome = 'up' | 'down' | 'unknown';

export type Verdict =
  | { readonly outcome: 'up' }
  | { readonly outcome: 'down' | 'unknown'; readonly cause: Cause; readonly detail: string };

/** Attempts made after the first, before a target that was not down is called down. */
export interface Confirmations {
  readonly count: number;
  /** Of the first attempt */
  readonly firstCause: Cause;
}

/** A judged answer for one slot. */
export interface Check {
  readonly kind: 'checked';
  readonly lease: Lease;
  /** The first attempt's start on the database's clock, in milliseconds since 1970 */
  readonly startedAtMs: number;
  /** Of the last attempt, as is all that follows; null: the first was the last */
  readonly confirmations: Confirmations | null;
  readonly verdict: Verdict;
  /** Of the last hop; null where no status line came */
  readonly httpStatus: number | null;
  /** Null where there is no pattern, or no body to search */
  readonly match: Match | null;
  /** Only the beginning of the body was read and judged */
  readonly bodyCut: boolean;
  readonly phases: Phases;
  readonly hops: readonly Hop[];
  readonly certificate: Certificate | null;
}

/** A leased slot that was not run: it goes back, and is run by whoever leases it next. */
export interface Returned {
  readonly kind: 'returned';
  readonly lease: Lease;
  readonly reason: 'shutdown' | 'lease_too_short';
}

/** How a lease ends. */
export type Settled = Check | Returned;

/** What is recorded of looking for the pattern: whether it occurred, or null where nobody can say. */
export const regexMatchOf = ({ match }: Pick<Check, 'match'>): boolean | null =>
  match?.kind === 'found' ? true : match?.kind === 'absent' ? false : null;
