/** Why a check that runs is of no more use. */
const CHANGES = ['target_deleted', 'target_disabled', 'target_edited'] as const;
/** One of `CHANGES`. */
export type Change = (typeof CHANGES)[number];

/** Why a worker skips a slot that it leased: a value of `gap_reason` in the database. */
export const SKIP_REASONS = [
  'still_running', // the target's previous check has not finished
  'slow_lane_full', // no place for another slow check
  ...CHANGES,
] as const;
/** One of `SKIP_REASONS`. */
export type SkipReason = (typeof SKIP_REASONS)[number];

/** Why slots were not run. */
export type GapReason = 'no_worker' | 'record_refused' | SkipReason;
