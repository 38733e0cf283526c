import {
  catchError,
  concat,
  connect,
  defer,
  EMPTY,
  endWith,
  exhaustMap,
  expand,
  ignoreElements,
  type Observable,
  switchMap,
  takeUntil,
  throttleTime,
  timer,
} from 'rxjs';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';

/** How often rounds are made. */
export interface Pace {
  /** From round to round, while something happens */
  readonly everyMs: number;
  /** From statement to statement within a round */
  readonly breatherMs: number;
}

/** One statement that is repeated within a round while it returns `is_behind`. */
export interface RoundWork {
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly onTrouble: (error: unknown) => void;
}

/**
 * A statement stops after about a second, but only between parts of its work. To roll up an hour of 10,000 targets
 * checked every 60 s takes a second, an hour of a million targets would take minutes. Nothing waits for it.
 */
const STATEMENT_MS_MAX = 180_000;
const ANSWER_LATER_MS = 500;

/**
 * Does the works one after the other: when something first happens, which catches up on what earlier workers
 * left, then repeatedly while something does. A worker that does nothing else does nothing here. Emits nothing
 * and completes with the source. A failure is reported; the next round, or another worker, does the rest.
 */
export function inRounds(database: Database, works: readonly RoundWork[], { everyMs, breatherMs }: Pace) {
  const timeoutText = statement('statement-timeout');
  const once = ({ text, values = [] }: RoundWork) =>
    defer(() =>
      database.transaction(async query => {
        await query(timeoutText, [String(STATEMENT_MS_MAX)]);
        const answerTimeoutMs = STATEMENT_MS_MAX + ANSWER_LATER_MS;
        const [row] = await query<{ is_behind: boolean }>(text, [...values], undefined, answerTimeoutMs);
        return row?.is_behind === true;
      }),
    );
  const untilDone = (work: RoundWork): Observable<never> =>
    once(work).pipe(
      expand(isBehind => (isBehind ? timer(breatherMs).pipe(switchMap(() => once(work))) : EMPTY)),
      ignoreElements(),
      catchError(error => {
        work.onTrouble(error);
        return EMPTY;
      }),
    );
  const round = concat(...works.map(untilDone));

  return (happening: Observable<unknown>): Observable<never> =>
    happening.pipe(
      connect(source =>
        source.pipe(
          throttleTime(everyMs, undefined, { leading: true, trailing: true }),
          exhaustMap(() => round),
          takeUntil(source.pipe(ignoreElements(), endWith(null))), // a stop does not wait for it
        ),
      ),
    );
}
