import type { Match } from '../domain/check/match.ts';
import { type MatchRequest, type MatchThread, startThread } from './thread.ts';

export interface LaneSettings {
  /** Longest run of one search; beyond it the thread is ended and replaced */
  readonly runMsMax: number;
  /** Jobs that may run or wait at a time; others are not run */
  readonly jobsMax: number;
  /** Heap of the thread; if it needs more, it ends and is replaced */
  readonly heapMiB: number;
}

export interface Job extends MatchRequest {
  /** When it counts as not run, on the clock of `performance.now()` */
  readonly deadlineMonotonicMs: number;
}

/** The result of a job. */
export type Run =
  | { readonly kind: 'answered'; readonly match: Match; readonly ranMs: number }
  /** Stopped at the lane's limit */
  | { readonly kind: 'overrun' }
  /** Its thread ran out of memory */
  | { readonly kind: 'crashed'; readonly detail: string }
  /** Not to blame: no room to wait, no thread, no processor, or its deadline came before or during its turn */
  | { readonly kind: 'not-run' };

/** One thread, started when first needed, and a queue of jobs, first come, first served. */
export interface Lane {
  /** Resolves by the job's deadline; starting a thread counts as waiting. Never rejects. */
  readonly run: (job: Job) => Promise<Run>;
  /** Ends the thread. Jobs that run, wait or come later are not run. */
  readonly close: () => Promise<void>;
}

interface Entry {
  readonly job: Job;
  /** Takes the entry out of the lane; only the first call counts. */
  readonly settle: (outcome: Run) => void;
  readonly expiry: NodeJS.Timeout;
}

const NOT_RUN: Run = { kind: 'not-run' };

/** CPU time that an overrun must have used, as a share of its limit: with less, it lacked a processor. */
const CPU_SHARE_MIN = 0.5;

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
    for (const entry of entries) entry.settle(await turnOf(entry)); // iterates over entries added meanwhile, too
    working = false;
  };

  const turnOf = async ({ job, expiry }: Entry): Promise<Run> => {
    try {
      thread ??= startThread(heapMiB);
      await thread.ready;
      const startedAtMs = performance.now();
      const leftMs = job.deadlineMonotonicMs - startedAtMs;
      if (leftMs <= 0) return NOT_RUN;
      clearTimeout(expiry); // from here on, the limit given to `thread.run` holds
      const usedBefore = process.cpuUsage();
      const match = await thread.run(job, Math.min(runMsMax, leftMs));
      if (match) return { kind: 'answered', match, ranMs: performance.now() - startedAtMs };
      const used = process.cpuUsage(usedBefore);
      await dropThread();
      // The process used at least as much as the thread: if that is little, the thread hardly ran.
      const hasRun = (used.user + used.system) / 1_000 >= runMsMax * CPU_SHARE_MIN;
      return leftMs >= runMsMax && hasRun ? { kind: 'overrun' } : NOT_RUN;
    } catch (error) {
      await dropThread();
      // Any other failure, such as a thread that cannot start, is not the pattern's fault.
      return isOutOfMemory(error)
        ? { kind: 'crashed', detail: 'the pattern needs too much memory' }
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
