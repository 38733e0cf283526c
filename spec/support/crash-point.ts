/** Where `crashing-worker.ts` kills itself. */
export type CrashPoint =
  /** Its lease is committed, and it has not heard of it */
  | 'lease committed'
  /** Nowhere by itself: for a kill from outside */
  | 'mid-fetch'
  /** The first batch of checks is about to be sent */
  | 'checks unrecorded'
  /** The last checks of a batch are committed, and it has not heard of it */
  | 'record committed'
  /** Slots are given back, and it has not heard of it */
  | 'given back'
  /** Its takeover is committed, and it has not heard of it */
  | 'taken over';
