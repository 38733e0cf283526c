import { catchError, concat, defer, finalize, ignoreElements, type Observable, throwError } from 'rxjs';

/**
 * Runs work that opens things, and closes them in reverse order: before the stream completes or errors, so
 * that its subscriber finds nothing open; after an unsubscribe; and when a later step of opening throws.
 *
 * @param work puts into the scope what it opens
 */
export const scoped = <T>(work: (scope: AsyncDisposableStack) => Observable<T>): Observable<T> =>
  defer(() => {
    const scope = new AsyncDisposableStack();
    const closed = defer(() => scope.disposeAsync()).pipe(ignoreElements());
    const failing = (error: unknown) =>
      concat(
        closed,
        throwError(() => error),
      );
    return concat(defer(() => work(scope)).pipe(catchError(failing)), closed).pipe(
      finalize(() => void scope.disposeAsync().catch(() => {})),
    );
  });
