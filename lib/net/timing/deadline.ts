import { LOOK_EVERY_MS, lookPeriodically } from './look-periodically.ts';

/** Why a fetch was told to stop. */
export type StopReason = 'unsubscribed' | 'deadline' | 'worker_stalled';

/** Held up for longer than it could make up for, this process may have kept the answer back itself. */
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
 * Aborts `stop` at `deadlineMonotonicMs` (on `performance.now()`), put off by the time in which this process
 * was held up since the watch began, and by `slackMs` at most.
 *
 * The reason is `'deadline'`, or `'worker_stalled'` if the process was held up for longer than it could make
 * up for, or had no time from the start.
 */
export function watchDeadline(
  deadlineMonotonicMs: number,
  slackMs: number,
  stop: AbortController,
): DeadlineWatch {
  beginLooking();
  const stalledBeforeMs = stalledMs;
  const heldUpMs = (): number => stalledMs - stalledBeforeMs;
  const endsAtMs = (): number => deadlineMonotonicMs + Math.min(heldUpMs(), slackMs);
  let timer: NodeJS.Timeout | undefined;
  let reading: NodeJS.Immediate | undefined;

  const wait = (): void => {
    timer = setTimeout(
      () => {
        // A busy loop comes to its timers before it reads the sockets, where an answer may lie that came in time.
        reading = setImmediate(check);
      },
      Math.min(Math.max(0, Math.ceil(endsAtMs() - performance.now())), TIMER_MS_MAX),
    );
  };
  const check = (): void => {
    look(); // this very moment may be late
    if (performance.now() < endsAtMs()) wait();
    else abort(heldUpMs() - slackMs > STALLED_MS ? 'worker_stalled' : 'deadline');
  };
  const abort = (reason: StopReason): void => stop.abort(reason);

  if (performance.now() >= deadlineMonotonicMs) abort('worker_stalled');
  else wait();
  return {
    heldUpMs,
    end: () => {
      clearTimeout(timer);
      clearImmediate(reading);
      endLooking();
    },
  };
}
