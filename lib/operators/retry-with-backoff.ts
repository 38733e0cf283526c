import { type MonoTypeOperatorFunction, NEVER, type Observable, retry, takeUntil, timer } from 'rxjs';

/**
 * Resubscribes after each error, without limit, after a delay of `delayMs(attempt)` milliseconds.
 *
 * `attempt` counts errors in a row, starting at 1; a value resets it.
 *
 * @param onError called with each error before the delay, to count or log it
 * @param until when it emits during a delay, the result completes without another attempt
 */
export const retryWithBackoff = <T>(
  delayMs: (attempt: number) => number,
  onError: (error: unknown, attempt: number) => void,
  until: Observable<unknown> = NEVER,
): MonoTypeOperatorFunction<T> =>
  retry({
    resetOnSuccess: true,
    delay: (error, attempt) => {
      onError(error, attempt);
      return timer(delayMs(attempt)).pipe(takeUntil(until));
    },
  });
