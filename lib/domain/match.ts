/** What became of looking for a pattern in a body. */
export type Match =
  | { readonly kind: 'found' }
  | { readonly kind: 'absent' }
  /** Not RE2 syntax, or over the length cap: nobody could run it */
  | { readonly kind: 'invalid'; readonly detail: string }
  /** Stopped at its deadline */
  | { readonly kind: 'timed-out' };
