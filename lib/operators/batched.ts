import { buffer, connect, exhaustMap, filter, merge, type OperatorFunction, skip, take, timer } from 'rxjs';

/**
 * Gathers values into batches: a batch closes when it holds `countMax` values (2 or more), or
 * `lingerMs` after its first value came, or when the source completes. Never emits an empty batch.
 *
 * Unlike `bufferTime`, which ticks whether or not anything comes, the timer is armed by the first
 * value: nothing runs while nothing flows.
 */
export function batched<T>(limits: { countMax: number; lingerMs: number }): OperatorFunction<T, T[]> {
  const { countMax, lingerMs } = limits;
  return connect(values => {
    // Subscribed during the first value, so it sees the batch's others: the last is the (countMax - 1)th.
    const lastOfFullBatch = values.pipe(skip(countMax - 2), take(1));
    const closed = values.pipe(exhaustMap(() => merge(timer(lingerMs), lastOfFullBatch).pipe(take(1))));
    return values.pipe(
      buffer(closed),
      filter(batch => batch.length > 0),
    );
  });
}
