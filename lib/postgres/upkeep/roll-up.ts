import {
  catchError,
  connect,
  defer,
  EMPTY,
  endWith,
  exhaustMap,
  expand,
  filter,
  ignoreElements,
  type Observable,
  switchMap,
  takeUntil,
  throttleTime,
  timer,
} from 'rxjs';
import type { Recorded } from '../../checking/ports.ts';
import type { Database } from '../database.ts';
import { statement } from '../sql-file.ts';

export interface RollUpSettings {
  readonly onTrouble: (error: unknown) => void;
  /** From one rolling up to the next, while checks are recorded. Default 5 minutes */
  readonly everyMs?: number;
  /** From one statement to the next while there is more to do. Default 1 second, about as long as one takes */
  readonly breatherMs?: number;
}

/**
 * A statement takes about a second, but a bucket is rolled up whole: an hour of 10,000 targets at 60 s takes one, too, and
 * of a hundred times as many it would take minutes. Nobody waits for it.
 */
const STATEMENT_MS_MAX = 180_000;
const ANSWER_LATER_MS = 500;

/**
 * Rolls up the minutes, hours, days and months of recorded checks: at the first, for what was left when the last worker
 * ended, and then now and again while checks are recorded. A worker that records nothing does nothing. Emits nothing;
 * completes with the source. What fails is told and left: the next time does it, or another worker.
 */
export function rollUp(database: Database, settings: RollUpSettings) {
  const { onTrouble, everyMs = 300_000, breatherMs = 1_000 } = settings;
  const [text, timeoutText] = [statement('roll-up'), statement('statement-timeout')];
  const once = defer(() =>
    database.transaction(async query => {
      await query(timeoutText, [String(STATEMENT_MS_MAX)]);
      const answerTimeoutMs = STATEMENT_MS_MAX + ANSWER_LATER_MS;
      const [row] = await query<{ is_behind: boolean }>(text, [], undefined, answerTimeoutMs);
      return row?.is_behind === true;
    }),
  );
  const untilDone = once.pipe(
    expand(isBehind => (isBehind ? timer(breatherMs).pipe(switchMap(() => once)) : EMPTY)),
    ignoreElements(),
    catchError(error => {
      onTrouble(error);
      return EMPTY;
    }),
  );

  return (recorded: Observable<Recorded>): Observable<never> =>
    recorded.pipe(
      connect(source =>
        source.pipe(
          filter(({ recorded }) => recorded.length > 0),
          throttleTime(everyMs, undefined, { leading: true, trailing: true }),
          exhaustMap(() => untilDone),
          takeUntil(source.pipe(ignoreElements(), endWith(null))), // a stop does not wait for it
        ),
      ),
    );
}
