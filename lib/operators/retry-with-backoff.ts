import { type MonoTypeOperatorFunction, NEVER, type Observable, retry, takeUntil, timer } from 'rxjs';

/**
 * Subscribes again after each error, for ever, `delayMs(attempt)` after the `attempt`th in a row
 * (1 is the first); a value starts the count anew.
 *
 * @param onError told of each error before the wait: to count it, to log it
 * @param until ends a wait, and with it the retrying, by completing; an attempt under way goes on
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
