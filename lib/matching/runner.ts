import type { Match } from '../domain/check/match.ts';
import { type MatchRequest, type MatchThread, startThread } from './thread.ts';

export interface RunnerSettings {
  /** Longest run of one search; beyond it the thread is ended */
  readonly runMsMax: number;
  /** Heap of the thread; if it needs more, it ends */
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

/** One thread, started when first needed, and replaced after a search overran or ended it. */
export interface Runner {
  /** Runs one job; call it for one job at a time. Never rejects. `onStart` is called when the search starts. */
  readonly run: (job: Job, onStart: () => void) => Promise<Run>;
  /** Ends the thread; the next job starts another. */
  readonly drop: () => Promise<void>;
}

const NOT_RUN: Run = { kind: 'not-run' };

/** CPU time that an overrun must have used, as a share of its limit: with less, it lacked a processor. */
const CPU_SHARE_MIN = 0.5;

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';

export const createRunner = ({ runMsMax, heapMiB }: RunnerSettings): Runner => {
  let thread: MatchThread | undefined;

  const drop = async (): Promise<void> => {
    const dropped = thread;
    thread = undefined;
    await dropped?.end();
  };

  const run: Runner['run'] = async (job, onStart) => {
    try {
      thread ??= startThread(heapMiB);
      await thread.ready;
      const startedAtMs = performance.now();
      const leftMs = job.deadlineMonotonicMs - startedAtMs;
      if (leftMs <= 0) return NOT_RUN;
      onStart(); // from here on, the limit given to `thread.run` holds
      const usedBefore = process.cpuUsage();
      const match = await thread.run(job, Math.min(runMsMax, leftMs));
      if (match) return { kind: 'answered', match, ranMs: performance.now() - startedAtMs };
      const used = process.cpuUsage(usedBefore);
      await drop();
      // The process used at least as much as the thread: if that is little, the thread hardly ran.
      const hasRun = (used.user + used.system) / 1_000 >= runMsMax * CPU_SHARE_MIN;
      return leftMs >= runMsMax && hasRun ? { kind: 'overrun' } : NOT_RUN;
    } catch (error) {
      await drop();
      // Any other failure, such as a thread that cannot start, is not the pattern's fault.
      return isOutOfMemory(error)
        ? { kind: 'crashed', detail: 'the pattern needs too much memory' }
        : NOT_RUN;
    }
  };

  return { run, drop };
};
