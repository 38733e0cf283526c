import type { Observable } from 'rxjs';

/** Who hears of failures, and what ends retries. */
export interface AlertingTrouble {
  /** Called before each retry; `attempt` is 1 for the first failure in a row */
  readonly onTrouble: (error: unknown, attempt: number) => void;
  readonly stopping: Observable<unknown>;
}
