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
 * Gathers values and maps them together, one batch at a time: a batch is what has come within
 * `lingerMs` of its first value, and whatever else came while the batch before it was running; at
 * most `countMax` values. So batches grow by themselves when the work on them slows.
 *
 * Nothing runs while nothing flows. Values wait without bound here: whoever feeds it bounds them.
 */
export function gatherMap<T, R>(
  project: (batch: readonly T[]) => ObservableInput<R>,
  { countMax, lingerMs }: { readonly countMax: number; readonly lingerMs: number },
): OperatorFunction<T, R> {
  return source =>
    defer(() => {
      const waiting: T[] = [];
      const mapWhatWaits = (): Observable<R> => {
        if (waiting.length === 0) return EMPTY;
        const batch = timer(waiting.length < countMax ? lingerMs : 0).pipe(
          mergeMap(() => project(waiting.splice(0, countMax))),
        );
        return concat(batch, defer(mapWhatWaits));
      };
      return source.pipe(
        tap(value => waiting.push(value)),
        coalesceMap(mapWhatWaits),
      );
    });
}
