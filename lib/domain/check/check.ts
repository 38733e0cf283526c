import type { SlowLaneHolder } from '../slow-lane.ts';
import type { Hop, Phases } from './answer.ts';
import type { Cause } from './cause.ts';
import type { Certificate } from './certificate.ts';
import type { Lease } from './lease.ts';
import type { Match } from './match.ts';
import type { SkipReason } from './skip-reason.ts';

/** `unknown` means that a fault of ours, or a configuration that cannot work, kept us from judging the website. */
export type Outcome = 'up' | 'down' | 'unknown';

/** The outcome of a check and, unless it is up, why. `detail` is clean text without secrets, for people. */
export type Verdict =
  | { readonly outcome: 'up' }
  | { readonly outcome: 'down' | 'unknown'; readonly cause: Cause; readonly detail: string };

/** The attempts that a `down` first attempt caused, to confirm it before the target is called down. */
export interface Confirmations {
  /** Attempts after the first; 1 or more */
  readonly count: number;
  /** Why the first attempt was down */
  readonly firstCause: Cause;
}

/** The judged answer for one slot. All but `startedAtMs` and `confirmations` is of the last attempt. */
export interface Check {
  readonly kind: 'checked';
  readonly lease: Lease;
  /** When the first attempt started, on the database's clock, in milliseconds since 1970 */
  readonly startedAtMs: number;
  /** Null if the first attempt decided */
  readonly confirmations: Confirmations | null;
  readonly verdict: Verdict;
  /** Of the last hop that had one; null if no status line arrived */
  readonly httpStatus: number | null;
  /** Null if there was no pattern, or no body to search */
  readonly match: Match | null;
  /** True if only the beginning of the body was read and judged */
  readonly bodyCut: boolean;
  readonly phases: Phases;
  readonly hops: readonly Hop[];
  readonly certificate: Certificate | null;
}

/** A leased slot that was not run, or not to the end; the next worker to lease it runs it. */
export interface Returned {
  readonly kind: 'returned';
  readonly lease: Lease;
  readonly reason: 'shutdown' | 'lease_too_short';
}

/** A leased slot that was not run, or not to the end, and that nobody will run: a gap. */
export interface Skipped {
  readonly kind: 'skipped';
  readonly lease: Lease;
  readonly reason: SkipReason;
  /** If the slow lane is full: who holds most of it */
  readonly holdsMost?: SlowLaneHolder | null;
}

/** How a lease ends: with a check, with its slot returned, or with a gap. */
export type Settled = Check | Returned | Skipped;

/** Whether the pattern occurs in the body, as it is recorded; null if there was none or it was not searched. */
export const regexMatchOf = ({ match }: Pick<Check, 'match'>): boolean | null =>
  match?.kind === 'found' ? true : match?.kind === 'absent' ? false : null;
