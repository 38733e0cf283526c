import { defer, finalize, Observable, type ObservableInput, type OperatorFunction } from 'rxjs';

/**
 * Maps each value to a run of `project`, one run at a time. All values that arrive during a run cause exactly
 * one more run, with the latest of them.
 *
 * `exhaustMap` would lose a wake-up that arrives during a run, `switchMap` would cancel leased work, and
 * `concatMap` would queue a run per value.
 *
 * Completes when the source has completed and no run is left. Errors when the source or a run errors.
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
          running = false; // not on `complete`: that comes before the run has released its resources
          runWaiting();
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

      const runWaiting = (): void => {
        if (starting) return; // a run ended synchronously: the loop below continues, without deepening the stack
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
            runWaiting();
          },
          error: error => subscriber.error(error),
          complete: () => {
            sourceCompleted = true;
            runWaiting();
          },
        }),
      );
    });
}
