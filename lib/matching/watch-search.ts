import type { Worker } from 'node:worker_threads';

export interface SearchLimits {
  /** CPU time that the search may use */
  readonly cpuMsMax: number;
  /** When to stop it though it got less, on the clock of `performance.now()` */
  readonly deadlineMonotonicMs: number;
}

/** Stops a search at its limits. */
export interface SearchWatch {
  readonly stopped: AbortSignal;
  /** CPU time that the search had used when it was last looked at */
  readonly cpuMs: () => number;
  readonly end: () => void;
}

/** A search near its limit is not looked at more often. */
const LOOK_MS_MIN = 5;

const TIMER_MS_MAX = 2 ** 31 - 1; // a timer set for longer fires at once

/**
 * Watches a search that starts now. Counts the CPU time that it uses, because on a busy machine the thread may wait
 * long for a processor: neither the pattern nor the body is to blame for that.
 */
export function watchSearch(
  { cpuMsMax, deadlineMonotonicMs }: SearchLimits,
  usedMs: () => Promise<number>,
): SearchWatch {
  const stop = new AbortController();
  let cpuMs = 0;
  let next: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    cpuMs = await usedMs();
    if (cpuMs >= cpuMsMax) stop.abort();
    else if (!stop.signal.aborted) lookAgain();
  };
  /** It cannot use more CPU time than passes. */
  const lookAgain = (): void => {
    next = after(Math.max(LOOK_MS_MIN, cpuMsMax - cpuMs), look);
  };
  const expiry = after(deadlineMonotonicMs - performance.now(), () => stop.abort());
  lookAgain();

  return {
    stopped: stop.signal,
    cpuMs: () => cpuMs,
    end: () => {
      stop.abort();
      clearTimeout(next);
      clearTimeout(expiry);
    },
  };
}

/** After a stall the event loop runs timers before it reads messages, so this lets it read the answer first. */
const after = (delayMs: number, act: () => void): NodeJS.Timeout =>
  setTimeout(() => setImmediate(act), Math.min(delayMs, TIMER_MS_MAX));

/**
 * Returns a clock that shows the CPU time used by the thread since it had used `beforeMs`. Before Node 24.6, which
 * cannot tell, that of the whole process since now: at least as much.
 */
export function cpuClock(worker: Worker, beforeMs: number): () => Promise<number> {
  if (typeof worker.cpuUsage !== 'function') {
    const before = process.cpuUsage();
    return async () => inMs(process.cpuUsage(before));
  }
  return async () => {
    try {
      return inMs(await worker.cpuUsage()) - beforeMs;
    } catch {
      return 0; // the thread has ended, which is noticed elsewhere
    }
  };
}

const inMs = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000;
