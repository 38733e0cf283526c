import { concat, defer, ignoreElements, type Observable, timer } from 'rxjs';

const TIMER_MS_MAX = 2 ** 31 - 1;

/**
 * Emits once after `durationMs`, and completes. At once if that is 0 or negative.
 *
 * Unlike `timer`, it has no upper limit: `setTimeout` fires after 1 ms if asked for 2³¹ ms or more, so a
 * longer sleep is a chain of timers. With an infinite duration it never emits.
 */
export const sleep = (durationMs: number): Observable<unknown> =>
  durationMs <= TIMER_MS_MAX
    ? timer(Math.max(0, durationMs))
    : concat(
        timer(TIMER_MS_MAX).pipe(ignoreElements()),
        defer(() => sleep(durationMs - TIMER_MS_MAX)),
      );
