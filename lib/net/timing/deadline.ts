import { LOOK_EVERY_MS, lookPeriodically } from './look-periodically.ts';

/** Why a fetch was told to stop. */
export type StopReason = 'unsubscribed' | 'deadline' | 'worker_stalled';

/** Blocked for so long in all, this process may itself have kept the answer back: its absence proves nothing. */
export const STALLED_MS = 250;

const TIMER_MS_MAX = 2 ** 31 - 1; // beyond it `setTimeout` fires at once

/** For how long the event loop has been seen blocked, in all and ever: to be compared with itself. */
let stalledMs = 0;
let lookedAtMs = 0;
let watchesOpen = 0;
let stopLooking = (): void => {};

/** A look that comes later than after twice its time was held up. */
const look = (): void => {
  const nowMs = performance.now();
  const lateMs = nowMs - lookedAtMs - LOOK_EVERY_MS;
  if (lateMs > LOOK_EVERY_MS) stalledMs += lateMs;
  lookedAtMs = nowMs;
};

function beginLooking(): void {
  watchesOpen += 1;
  if (watchesOpen > 1) return;
  lookedAtMs = performance.now();
  stopLooking = lookPeriodically(look);
}

function endLooking(): void {
  watchesOpen -= 1;
  if (watchesOpen === 0) stopLooking();
}

export interface DeadlineWatch {
  /** For how long this process has been too busy to look since the watch began */
  readonly heldUpMs: () => number;
  /** To be called once, whether or not the deadline has come */
  readonly end: () => void;
}

/**
 * Aborts `stop` at `deadlineMonotonicMs` (on `performance.now()`), with `'deadline'` for a reason or,
 * where this process came to it late, was blocked on the way or had no time from the start, with
 * `'worker_stalled'`.
 */
export function watchDeadline(deadlineMonotonicMs: number, stop: AbortController): DeadlineWatch {
  const remainingMs = deadlineMonotonicMs - performance.now();
  beginLooking();
  const stalledBeforeMs = stalledMs;
  const heldUpMs = (): number => stalledMs - stalledBeforeMs;
  const abort = (): void => {
    const lateMs = performance.now() - deadlineMonotonicMs;
    const isOurs = remainingMs <= 0 || Math.max(lateMs, heldUpMs()) > STALLED_MS;
    const reason: StopReason = isOurs ? 'worker_stalled' : 'deadline';
    stop.abort(reason);
  };
  let reading: NodeJS.Immediate | undefined;
  const timer = setTimeout(
    () => {
      // A busy loop comes to its timers before it reads the sockets, where an answer may lie that came in time.
      reading = setImmediate(abort);
    },
    Math.min(Math.max(0, remainingMs), TIMER_MS_MAX),
  );
  if (remainingMs <= 0) abort();
  return {
    heldUpMs,
    end: () => {
      clearTimeout(timer);
      clearImmediate(reading);
      endLooking();
    },
  };
}
