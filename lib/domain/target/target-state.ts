import type { Phases } from '../check/answer.ts';
import type { Outcome } from '../check/check.ts';

/** What the database knows about an enabled target now. The same for every worker that asks. */
export interface TargetState {
  readonly id: string;
  readonly url: string;
  /** The check of its last slot; null if none is recorded although it should be by now */
  readonly last: LastCheck | null;
  /** In seconds since 1970; null if it is not down */
  readonly downSinceS: number | null;
  /** In seconds since 1970; null if no certificate is known */
  readonly certificateExpiresS: number | null;
}

/** The recorded check of a target's last slot. */
export interface LastCheck {
  readonly outcome: Outcome;
  /** In seconds since 1970, on the database's clock */
  readonly startedS: number;
  /** Null if no status line arrived */
  readonly httpStatus: number | null;
  readonly phases: Phases;
}
