import {
  concat,
  defaultIfEmpty,
  defer,
  EMPTY,
  mergeMap,
  type Observable,
  type ObservableInput,
  type OperatorFunction,
  Subject,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import { coalesceMap } from './coalesce-map.ts';

/**
 * Gathers values into batches and maps each batch with `project`, one batch at a time.
 *
 * A batch has the values that arrived within `lingerMs` of its first one, and those that arrived while the
 * batch before it was running, but at most `countMax`. So batches grow when the work on them slows down. A batch
 * that is full, or that the source's completion ends, waits no longer.
 *
 * Sets no timer while no values arrive. Does not bound the values that wait: the source must.
 *
 * @throws RangeError unless `countMax` is a whole number from 1 and `lingerMs` a number from 0
 */
export function gatherMap<T, R>(
  project: (batch: readonly T[]) => ObservableInput<R>,
  { countMax, lingerMs }: { readonly countMax: number; readonly lingerMs: number },
): OperatorFunction<T, R> {
  if (!Number.isInteger(countMax) || countMax < 1)
    throw new RangeError('countMax: must be a whole number from 1');
  if (!(lingerMs >= 0)) throw new RangeError('lingerMs: must be a number from 0');
  return source =>
    defer(() => {
      const waiting: T[] = [];
      const ready = new Subject<void>(); // the batch that lingers is full, or nothing will follow
      let isLast = false;
      const lingered = defer(
        () =>
          waiting.length < countMax && !isLast
            ? timer(lingerMs).pipe(takeUntil(ready), defaultIfEmpty(0))
            : timer(0), // not at once: a long queue of quick batches would deepen the stack
      );
      const mapWaiting = (): Observable<R> => {
        if (waiting.length === 0) return EMPTY;
        const batch = lingered.pipe(mergeMap(() => project(waiting.splice(0, countMax))));
        return concat(batch, defer(mapWaiting));
      };
      const gather = tap<T>({
        next: value => {
          if (waiting.push(value) >= countMax) ready.next();
        },
        complete: () => {
          isLast = true;
          ready.next();
        },
      });
      return source.pipe(gather, coalesceMap(mapWaiting));
    });
}
