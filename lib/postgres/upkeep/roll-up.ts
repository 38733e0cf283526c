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
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';

/** How often rollups are updated. */
export interface RollUpSettings {
  readonly onTrouble: (error: unknown) => void;
  /** From round to round, while checks are recorded. Default 5 minutes */
  readonly everyMs?: number | undefined;
  /** From statement to statement within a round. Default 1 second, about as long as a statement takes */
  readonly breatherMs?: number | undefined;
}

/**
 * A statement stops after about a second, but only between buckets. An hour of 10,000 targets checked every
 * 60 s takes a second, an hour of a million targets would take minutes. Nothing waits for it.
 */
const STATEMENT_MS_MAX = 180_000;
const ANSWER_LATER_MS = 500;

/**
 * Rolls recorded checks up by minute, hour, day and month: with the first recording, which catches up on
 * what earlier workers left, then repeatedly while checks are recorded. A worker that records nothing does
 * nothing. Emits nothing and completes with the source. A failure is reported; the next round, or another
 * worker, does the rest.
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
