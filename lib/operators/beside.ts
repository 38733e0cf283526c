import {
  connect,
  endWith,
  ignoreElements,
  type MonoTypeOperatorFunction,
  merge,
  type Observable,
  takeUntil,
} from 'rxjs';

/**
 * Keeps `others` subscribed for as long as the source runs: subscribes to them with it, and ends them when it
 * completes or errors. Errors when one of them does.
 */
export const beside =
  <T>(...others: readonly Observable<never>[]): MonoTypeOperatorFunction<T> =>
  source =>
    source.pipe(
      connect(shared => {
        const ended = shared.pipe(ignoreElements(), endWith(null));
        return merge(shared, merge(...others).pipe(takeUntil(ended)));
      }),
    );
