/** The result of searching a body for a pattern. */
export type Match =
  | { readonly kind: 'found' }
  | { readonly kind: 'absent' }
  /** The pattern cannot be run: not RE2 syntax, or too large */
  | { readonly kind: 'invalid'; readonly detail: string }
  /** The search ran past its time limit and was stopped: the pattern is at fault */
  | { readonly kind: 'overrun' }
  /** The search got no turn or no processor in time: the pattern is not at fault */
  | { readonly kind: 'not-run' }
  /** The pattern was not run because of too many overruns */
  | { readonly kind: 'set-aside'; readonly detail: string };

/** A pattern is set aside after this many overruns in a row. */
export const OVERRUNS_MAX = 3;
