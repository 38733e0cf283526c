import type { StatusRange } from './status-ranges.ts';

/** The HTTP methods that a target may have. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
/** One of `METHODS`. */
export type Method = (typeof METHODS)[number];

/** How a request authenticates. Each text may be a reference to a secret; see `Secrets`. */
export type Credentials =
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string };

/** What a body must contain, or must not contain. */
export interface Pattern {
  /** In RE2 syntax; may occur anywhere in the body */
  readonly text: string;
  /** False if a body that contains it is down */
  readonly mustMatch: boolean;
  /** How many of the latest searches in a row overran their limit */
  readonly overruns: number;
  /** Why the pattern is not run; null if it is */
  readonly problem: string | null;
}

/** What is checked: one row of `monitored_targets`, as it was when its slot was leased. */
export interface Target {
  /** A bigint in the database, so text here */
  readonly id: string;
  /** Counts the edits that change what is checked, so that a result names its configuration */
  readonly version: number;
  readonly url: string;
  readonly method: Method;
  /** Sent only to the origin of `url`, not to where redirects lead. Values may be references; see `Secrets` */
  readonly headers: Readonly<Record<string, string>>;
  readonly requestBody: string | null;
  readonly credentials: Credentials | null;
  /** Final statuses that are up; null applies `Rules.raiseForStatus` */
  readonly acceptedStatuses: readonly StatusRange[] | null;
  /** Most redirects to follow; 0 follows none and judges the redirect itself */
  readonly redirectsMax: number;
  /** Null accepts any body */
  readonly pattern: Pattern | null;
  /** A check that takes longer in total is down; null leaves the timeout as the only limit */
  readonly latencyMaxMs: number | null;
  /** Checks that are up and take longer in total make the target slow; null: it is never slow */
  readonly slowAboveMs: number | null;
  /** Connects by this IP family only; null allows both */
  readonly ipFamily: 4 | 6 | null;
  /** False accepts every certificate */
  readonly verifiesTls: boolean;
  /** True accepts TLS from 1.0, small keys and renegotiation without its extension */
  readonly acceptsLegacyTls: boolean;
  /** A chain that is valid for less time is down; null does not judge it */
  readonly certificateValidityMinMs: number | null;
  /** Time limit for one attempt, including redirects: the target's own, else the service's */
  readonly timeoutMs: number;
  /** The role that inserted it; null if unknown */
  readonly createdBy: string | null;
}
