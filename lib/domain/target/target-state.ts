import type { Phases } from '../check/answer.ts';
import type { Outcome } from '../check/check.ts';

/** What the database knows of an enabled target at this moment, whichever worker asks. */
export interface TargetState {
  readonly id: string;
  readonly url: string;
  /** The check of its last slot; null: nobody has recorded one, though it should be there by now */
  readonly last: LastCheck | null;
  /** In seconds since 1970; null = it is not down */
  readonly downSinceS: number | null;
  /** In seconds since 1970; null = none is known */
  readonly certificateExpiresS: number | null;
}

export interface LastCheck {
  readonly outcome: Outcome;
  /** In seconds since 1970, on the database's clock */
  readonly startedS: number;
  /** Null where no status line came */
  readonly httpStatus: number | null;
  readonly phases: Phases;
}
