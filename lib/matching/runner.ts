import type { Match } from '../domain/check/match.ts';
import { type MatchRequest, type MatchThread, startThread } from './thread.ts';

export interface RunnerSettings {
  /** CPU time that one search may use; beyond it the thread is ended */
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
  | { readonly kind: 'answered'; readonly match: Match; readonly cpuMs: number }
  /** Stopped at the lane's limit */
  | { readonly kind: 'overrun' }
  /** Its thread ran out of memory */
  | { readonly kind: 'crashed'; readonly detail: string }
  /** Not to blame: no room to wait, no thread, no processor, or its time was up before or during its turn */
  | { readonly kind: 'not-run' };

/** One thread, started when first needed, and replaced after a search overran or ended it. */
export interface Runner {
  /**
   * Runs one job; call it for one job at a time. Never rejects.
   *
   * @param cpuMsLeft CPU time that it may use, if that is less than the lane's limit
   * @param onStart called when the search starts
   */
  readonly run: (job: Job, cpuMsLeft: number, onStart: () => void) => Promise<Run>;
  /** CPU time that all searches have used */
  readonly cpuMs: () => number;
  /** Ends the thread; the next job starts another. */
  readonly drop: () => Promise<void>;
}

const NOT_RUN: Run = { kind: 'not-run' };

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';

export const createRunner = ({ runMsMax, heapMiB }: RunnerSettings): Runner => {
  let thread: MatchThread | undefined;
  let cpuMs = 0;

  const drop = async (): Promise<void> => {
    const dropped = thread;
    thread = undefined;
    await dropped?.end();
  };

  const run: Runner['run'] = async (job, cpuMsLeft, onStart) => {
    const { deadlineMonotonicMs } = job;
    try {
      thread ??= startThread(heapMiB);
      await thread.ready;
      if (cpuMsLeft <= 0 || performance.now() >= deadlineMonotonicMs) return NOT_RUN;
      onStart(); // from here on, the limits given to `thread.run` hold
      const search = await thread.run(job, { cpuMsMax: Math.min(runMsMax, cpuMsLeft), deadlineMonotonicMs });
      cpuMs += search.cpuMs;
      if (search.match !== null) return { kind: 'answered', match: search.match, cpuMs: search.cpuMs };
      await drop();
      return search.cpuMs >= runMsMax ? { kind: 'overrun' } : NOT_RUN;
    } catch (error) {
      await drop();
      // Any other failure, such as a thread that cannot start, is not the pattern's fault.
      return isOutOfMemory(error)
        ? { kind: 'crashed', detail: 'the pattern needs too much memory' }
        : NOT_RUN;
    }
  };

  return { run, cpuMs: () => cpuMs, drop };
};
