/** Why a fetch was told to stop. */
export type StopReason = 'unsubscribed' | 'deadline' | 'worker_stalled';

/** Blocked for so long in all, this process may itself have kept the answer back: its absence proves nothing. */
export const STALLED_MS = 250;

const TIMER_MS_MAX = 2 ** 31 - 1; // beyond it `setTimeout` fires at once

/** How often the event loop is looked at; a look that comes later than twice this was held up. */
const LOOK_EVERY_MS = 50;

/** For how long the event loop has been blocked, in all and ever: to be compared with itself. */
let stalledMs = 0;
let lookedAtMs = performance.now();
setInterval(() => {
  const nowMs = performance.now();
  const lateMs = nowMs - lookedAtMs - LOOK_EVERY_MS;
  if (lateMs > LOOK_EVERY_MS) stalledMs += lateMs;
  lookedAtMs = nowMs;
}, LOOK_EVERY_MS).unref();

/**
 * Aborts `stop` at `deadlineMonotonicMs` (on `performance.now()`), with `'deadline'` for a reason or,
 * where this process came to it late, was blocked on the way or had no time from the start, with
 * `'worker_stalled'`.
 *
 * @returns cancels the timer
 */
export function abortAt(deadlineMonotonicMs: number, stop: AbortController): () => void {
  const remainingMs = deadlineMonotonicMs - performance.now();
  const stalledBeforeMs = stalledMs;
  const abort = (): void => {
    const lateMs = performance.now() - deadlineMonotonicMs;
    const heldUpMs = Math.max(lateMs, stalledMs - stalledBeforeMs);
    const reason: StopReason = remainingMs <= 0 || heldUpMs > STALLED_MS ? 'worker_stalled' : 'deadline';
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
