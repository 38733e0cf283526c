import type { StatusRange } from './status-ranges.ts';

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type Method = (typeof METHODS)[number];

/** Who we say we are. Each text may be a reference to a secret; see `Secrets`. */
export type Credentials =
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string };

/** What a body must contain, or must not. */
export interface Pattern {
  /** RE2 syntax, searched anywhere in the body */
  readonly text: string;
  /** False: a body that contains it is down */
  readonly mustMatch: boolean;
  /** Searches in a row, so far, that were stopped at their deadline */
  readonly overruns: number;
  /** Why it is not to be run; null = it is */
  readonly problem: string | null;
}

/** What is checked: one row of `monitored_targets`, as it stood when it was leased. */
export interface Target {
  /** bigint in the database, so text here */
  readonly id: string;
  /** Counts the edits that matter, so that a result names the configuration it was made with */
  readonly version: number;
  readonly url: string;
  readonly method: Method;
  /** Sent to the url's own origin only. Each value may be a reference to a secret; see `Secrets` */
  readonly headers: Readonly<Record<string, string>>;
  /** Null: none */
  readonly requestBody: string | null;
  readonly credentials: Credentials | null;
  /** Final statuses that are up; null = as `Rules.raiseForStatus` says */
  readonly acceptedStatuses: readonly StatusRange[] | null;
  /** Redirects followed at most; 0 = none is followed, and the redirect itself is judged */
  readonly redirectsMax: number;
  /** Null accepts any body */
  readonly pattern: Pattern | null;
  /** A check that takes longer in all is down; null = the timeout is the only limit */
  readonly latencyMaxMs: number | null;
  /** Connect by this family only; null = either */
  readonly ipFamily: 4 | 6 | null;
  /** False: whatever certificate is presented is accepted */
  readonly verifiesTls: boolean;
  /** Down when a certificate presented is valid for less than this; null = not judged */
  readonly certificateValidityMinMs: number | null;
  /** The budget of one attempt, redirects included: the target's own, else the service's */
  readonly timeoutMs: number;
}
