export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type Method = (typeof METHODS)[number];

/** What is checked: one row of `monitored_targets`, as it stood when it was leased. */
export interface Target {
  /** bigint in the database, so text here */
  readonly id: string;
  readonly url: string;
  readonly method: Method;
  readonly headers: Readonly<Record<string, string>>;
  /** RE2 syntax, searched anywhere in the body; null accepts any body */
  readonly regexPattern: string | null;
  /** The whole check's budget, redirects included: its own, else the service's */
  readonly timeoutMs: number;
  /** Counts the edits that matter, so that a result names the configuration it was made with */
  readonly version: number;
}
