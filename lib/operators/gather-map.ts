import {
  concat,
  defer,
  EMPTY,
  mergeMap,
  type Observable,
  type ObservableInput,
  type OperatorFunction,
  tap,
  timer,
} from 'rxjs';
import { coalesceMap } from './coalesce-map.ts';

/**
 * Gathers values into batches and maps each batch with `project`, one batch at a time.
 *
 * A batch has the values that arrived within `lingerMs` of its first one, and those that arrived while the
 * batch before it was running, but at most `countMax`. So batches grow when the work on them slows down.
 *
 * Sets no timer while no values arrive. Does not bound the values that wait: the source must.
 */
export function gatherMap<T, R>(
  project: (batch: readonly T[]) => ObservableInput<R>,
  { countMax, lingerMs }: { readonly countMax: number; readonly lingerMs: number },
): OperatorFunction<T, R> {
  return source =>
    defer(() => {
      const waiting: T[] = [];
      const mapWaiting = (): Observable<R> => {
        if (waiting.length === 0) return EMPTY;
        const batch = timer(waiting.length < countMax ? lingerMs : 0).pipe(
          mergeMap(() => project(waiting.splice(0, countMax))),
        );
        return concat(batch, defer(mapWaiting));
      };
      return source.pipe(
        tap(value => waiting.push(value)),
        coalesceMap(mapWaiting),
      );
    });
}
