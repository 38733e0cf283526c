import { concat, defer, ignoreElements, type Observable, timer } from 'rxjs';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Emits once after `durationMs`, however long that is: `setTimeout` fires after one millisecond
 * where it is asked for more than 2³¹ of them, so a longer sleep is a chain of timers.
 */
export const sleep = (durationMs: number): Observable<unknown> =>
  durationMs <= LONGEST_TIMER_MS
    ? timer(Math.max(0, durationMs))
    : concat(
        timer(LONGEST_TIMER_MS).pipe(ignoreElements()),
        defer(() => sleep(durationMs - LONGEST_TIMER_MS)),
      );
