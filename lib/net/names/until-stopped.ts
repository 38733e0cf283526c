/** Resolves with `work`, or with `whenStopped()` if `stop` fires first. Does not cancel the work. */
export function untilStopped<T>(work: Promise<T>, stop: AbortSignal, whenStopped: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const onStop = (): void => resolve(whenStopped());
    stop.addEventListener('abort', onStop, { once: true });
    if (stop.aborted) onStop();
    work.then(resolve, reject).finally(() => stop.removeEventListener('abort', onStop));
  });
}
