/** Why a fetch was told to stop. */
export type StopReason = 'unsubscribed' | 'deadline' | 'worker_stalled';

/** A timer this late means that the event loop was blocked, so a missing answer proves nothing. */
export const STALLED_MS = 250;

const TIMER_MS_MAX = 2 ** 31 - 1; // beyond it `setTimeout` fires at once

/**
 * Aborts `stop` at `deadlineMonotonicMs` (on `performance.now()`), with `'deadline'` for a reason or,
 * where this process came to it late or had no time from the start, with `'worker_stalled'`.
 *
 * @returns cancels the timer
 */
export function abortAt(deadlineMonotonicMs: number, stop: AbortController): () => void {
  const remainingMs = deadlineMonotonicMs - performance.now();
  const abort = (): void => {
    const lateMs = performance.now() - deadlineMonotonicMs;
    const reason: StopReason = remainingMs <= 0 || lateMs > STALLED_MS ? 'worker_stalled' : 'deadline';
    stop.abort(reason);
  };
  if (remainingMs <= 0) {
    abort();
    return () => {};
  }
  let reading: NodeJS.Immediate | undefined;
  const timer = setTimeout(
    () => {
      // A busy loop comes to its timers before it reads the sockets, where an answer may lie that came in time.
      reading = setImmediate(abort);
    },
    Math.min(remainingMs, TIMER_MS_MAX),
  );
  return () => {
    clearTimeout(timer);
    clearImmediate(reading);
  };
}
