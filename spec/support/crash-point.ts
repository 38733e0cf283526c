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
  | 'taken over'
  /** An alert is told, and its deliveries are committed; it has not heard of it */
  | 'alert advanced'
  /** A channel is leased, and nothing is sent yet */
  | 'channel leased'
  /** The receiver has taken the message; nobody knows */
  | 'message taken'
  /** That is committed, and it has not heard of it */
  | 'delivery recorded';
