import { LOOK_EVERY_MS, lookPeriodically } from './look-periodically.ts';

/** Why a fetch was told to stop. */
export type StopReason = 'unsubscribed' | 'deadline' | 'worker_stalled' | 'bodies_full';

/** Held up for longer than the slack and this, a process may itself be why an answer is missing. */
const STALLED_MS = 250;

const TIMER_MS_MAX = 2 ** 31 - 1; // `setTimeout` fires at once beyond it

/** Total time for which the event loop was seen blocked since the process started. Only differences mean anything. */
let stalledMs = 0;
let lookedAtMs = 0;
let watchesOpen = 0;
let stopLooking = (): void => {};

/** A look that comes later than twice its interval was held up. */
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
  /** How long the event loop was blocked since the watch began */
  readonly heldUpMs: () => number;
  /** Call it once, whether or not the deadline has passed */
  readonly end: () => void;
}

/**
 * Aborts `stop` at `deadlineMonotonicMs` (on `performance.now()`), extended by the time for which this process
 * was held up since the watch began, at most by `slackMs`.
 *
 * The reason is `'deadline'`, or `'worker_stalled'` if the process was held up for much longer than the slack or
 * had no time left from the start.
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
        // A busy loop runs its timers before it reads the sockets, where an answer that came in time may be waiting.
        reading = setImmediate(check);
      },
      Math.min(Math.max(0, Math.ceil(endsAtMs() - performance.now())), TIMER_MS_MAX),
    );
  };
  const check = (): void => {
    look(); // this moment itself may be late
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
