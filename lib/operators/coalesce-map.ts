import { defer, finalize, Observable, type ObservableInput, type OperatorFunction } from 'rxjs';

/**
 * Maps to an inner Observable, at most one at a time; whatever arrives while it runs is answered by
 * exactly one more run after it, with the latest value.
 *
 * Not `exhaustMap`, which would forget a wake-up that arrives during a run; not `switchMap`, which
 * would cancel work already leased; not `concatMap`, which would queue a run for each.
 *
 * Completes once the source has completed and no run is left; an error of either ends it.
 */
export function coalesceMap<T, R>(project: (value: T) => ObservableInput<R>): OperatorFunction<T, R> {
  return source =>
    new Observable<R>(subscriber => {
      let waiting: { readonly value: T } | null = null;
      let running = false;
      let starting = false;
      let sourceCompleted = false;

      const run = (value: T): void => {
        running = true;
        const ended = finalize<R>(() => {
          running = false; // here and not on `complete`, which comes before the run has let go of its resources
          runWhatWaits();
        });
        subscriber.add(
          defer(() => project(value))
            .pipe(ended)
            .subscribe({
              next: result => subscriber.next(result),
              error: error => subscriber.error(error),
            }),
        );
      };

      const runWhatWaits = (): void => {
        if (starting) return; // the loop below goes on by itself, whatever a run that ends at once brings
        starting = true;
        while (waiting && !running && !subscriber.closed) {
          const { value } = waiting;
          waiting = null;
          run(value);
        }
        starting = false;
        if (sourceCompleted && !running) subscriber.complete();
      };

      subscriber.add(
        source.subscribe({
          next: value => {
            waiting = { value };
            runWhatWaits();
          },
          error: error => subscriber.error(error),
          complete: () => {
            sourceCompleted = true;
            runWhatWaits();
          },
        }),
      );
    });
}
