import { defer, from, fromEvent, NEVER, type Observable, type ObservableInput, of } from 'rxjs';

/**
 * Turns what a caller stops a monitor with into an Observable whose first value is the stop.
 *
 * @throws TypeError if `input` is neither an AbortSignal nor an RxJS input
 */
export function stopInput(
  input: ObservableInput<unknown> | AbortSignal | null | undefined,
): Observable<unknown> {
  if (input === null || input === undefined) return NEVER;
  if (input instanceof AbortSignal)
    return defer(() => (input.aborted ? of('aborted') : fromEvent(input, 'abort')));
  return from(input);
}
