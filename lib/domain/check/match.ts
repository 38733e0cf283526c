/** What became of looking for a pattern in a body. */
export type Match =
  | { readonly kind: 'found' }
  | { readonly kind: 'absent' }
  /** Not RE2 syntax, or over the length cap: nobody could run it */
  | { readonly kind: 'invalid'; readonly detail: string }
  /** Stopped at its deadline */
  | { readonly kind: 'overrun' }
  /** Had no turn, or no processor, in time: no fault of the pattern */
  | { readonly kind: 'not-run' }
  /** Not run, for it was stopped at its deadline too often */
  | { readonly kind: 'set-aside'; readonly detail: string };

/** Searches in a row that may be stopped at their deadline before the pattern is set aside. */
export const OVERRUNS_MAX = 3;
