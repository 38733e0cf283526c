import type { Match } from '../domain/check/match.ts';
import { type MatchRequest, type MatchThread, startThread } from './thread.ts';

export interface LaneSettings {
  /** What one match may take, in milliseconds, before its thread is ended and replaced */
  readonly runMsMax: number;
  /** Jobs that may run or wait at a time */
  readonly jobsMax: number;
  /** What the thread may hold before it is ended and replaced */
  readonly heapMiB: number;
}

export interface Job extends MatchRequest {
  readonly deadlineMonotonicMs: number;
}

/** What became of a job in a lane. */
export type Run =
  | { readonly kind: 'answered'; readonly match: Match; readonly ranMs: number }
  /** Ended at the lane's limit */
  | { readonly kind: 'overrun' }
  /** Its thread ran out of memory */
  | { readonly kind: 'crashed'; readonly detail: string }
  /** Its deadline came before its turn or cut it short; there was no room to wait, no thread, or no processor */
  | { readonly kind: 'not-run' };

/** One thread, started when first needed, and the jobs that wait for it in the order they came. */
export interface Lane {
  /** Answers by the job's deadline; the start of a thread counts as waiting. Never rejects. */
  readonly run: (job: Job) => Promise<Run>;
  /** Whatever waits or runs is answered as not run, and so is whatever comes later. */
  readonly close: () => Promise<void>;
}

interface Entry {
  readonly job: Job;
  /** Takes the entry out of the lane; only the first call counts. */
  readonly settle: (outcome: Run) => void;
  readonly expiry: NodeJS.Timeout;
}

const NOT_RUN: Run = { kind: 'not-run' };

/** Of its limit, the time that a match must have been running for to have overrun it: processors may be scarce. */
const RUNNING_SHARE = 0.5;
const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';

const TIMER_MS_MAX = 2 ** 31 - 1; // a timer set for longer fires at once

export const createLane = ({ runMsMax, jobsMax, heapMiB }: LaneSettings): Lane => {
  const entries = new Set<Entry>();
  let working = false;
  let closed = false;
  let thread: MatchThread | undefined;

  const run = (job: Job): Promise<Run> =>
    new Promise(resolve => {
      const leftMs = job.deadlineMonotonicMs - performance.now();
      if (closed || leftMs <= 0 || entries.size >= jobsMax) return resolve(NOT_RUN);
      const settle = (outcome: Run) => {
        clearTimeout(entry.expiry);
        entries.delete(entry);
        resolve(outcome);
      };
      const expiry = setTimeout(() => settle(NOT_RUN), Math.min(leftMs, TIMER_MS_MAX));
      const entry: Entry = { job, settle, expiry };
      entries.add(entry);
      if (!working) void work();
    });

  const work = async (): Promise<void> => {
    working = true;
    for (const entry of entries) entry.settle(await turnOf(entry)); // sees entries added meanwhile
    working = false;
  };

  const turnOf = async ({ job, expiry }: Entry): Promise<Run> => {
    try {
      thread ??= startThread(heapMiB);
      await thread.ready;
      const startedAtMs = performance.now();
      const leftMs = job.deadlineMonotonicMs - startedAtMs;
      if (leftMs <= 0) return NOT_RUN;
      clearTimeout(expiry); // from here on the thread's own limit holds
      const usedBefore = process.cpuUsage();
      const match = await thread.run(job, Math.min(runMsMax, leftMs));
      if (match) return { kind: 'answered', match, ranMs: performance.now() - startedAtMs };
      const used = process.cpuUsage(usedBefore);
      await dropThread();
      // What the whole process has used is more than the thread has: where even that is little, it hardly ran.
      const hasRun = (used.user + used.system) / 1_000 >= runMsMax * RUNNING_SHARE;
      return leftMs >= runMsMax && hasRun ? { kind: 'overrun' } : NOT_RUN;
    } catch (error) {
      await dropThread();
      // Any other end, such as no thread to be had, is no fault of the pattern.
      return isOutOfMemory(error)
        ? { kind: 'crashed', detail: 'the pattern takes too much memory' }
        : NOT_RUN;
    }
  };

  const dropThread = async (): Promise<void> => {
    const dropped = thread;
    thread = undefined;
    await dropped?.end();
  };

  const close = async (): Promise<void> => {
    closed = true;
    for (const entry of entries) entry.settle(NOT_RUN);
    await dropThread();
  };

  return { run, close };
};
