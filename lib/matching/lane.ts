import { createRunner, type Job, type Run, type RunnerSettings } from './runner.ts';

export interface LaneSettings extends RunnerSettings {
  /** Jobs that may run or wait at a time; others are not run */
  readonly jobsMax: number;
  /** CPU time of the thread for which a job may wait and run together; beyond it the job is not run */
  readonly patienceMs: number;
}

/** One thread, started when first needed, and a queue of jobs, first come, first served. */
export interface Lane {
  /** Resolves by the job's deadline; starting a thread counts as waiting. Never rejects. */
  readonly run: (job: Job) => Promise<Run>;
  /** Ends the thread. Jobs that run, wait or come later are not run. */
  readonly close: () => Promise<void>;
}

interface Entry {
  readonly job: Job;
  /** CPU time that the thread had used when the job came */
  readonly cpuMsBefore: number;
  /** Takes the entry out of the lane; only the first call counts. */
  readonly settle: (outcome: Run) => void;
  readonly expiry: NodeJS.Timeout;
}

const NOT_RUN: Run = { kind: 'not-run' };

const TIMER_MS_MAX = 2 ** 31 - 1; // a timer set for longer fires at once

export const createLane = ({ jobsMax, patienceMs, ...runnerSettings }: LaneSettings): Lane => {
  const entries = new Set<Entry>();
  let working = false;
  let closed = false;
  const runner = createRunner(runnerSettings);

  const run = (job: Job): Promise<Run> =>
    new Promise(resolve => {
      const leftMs = job.deadlineMonotonicMs - performance.now();
      if (closed || leftMs <= 0 || entries.size >= jobsMax) return resolve(NOT_RUN);
      const settle = (outcome: Run) => {
        clearTimeout(entry.expiry);
        entries.delete(entry);
        resolve(outcome);
      };
      const expiry = setTimeout(settle, Math.min(leftMs, TIMER_MS_MAX), NOT_RUN);
      const entry: Entry = { job, cpuMsBefore: runner.cpuMs(), settle, expiry };
      entries.add(entry);
      if (!working) void work();
    });

  const work = async (): Promise<void> => {
    working = true;
    // Includes entries that are added meanwhile.
    for (const { job, cpuMsBefore, expiry, settle } of entries) {
      const waitedMs = runner.cpuMs() - cpuMsBefore;
      settle(await runner.run(job, patienceMs - waitedMs, () => clearTimeout(expiry)));
    }
    working = false;
  };

  const close = async (): Promise<void> => {
    closed = true;
    for (const entry of entries) entry.settle(NOT_RUN);
    await runner.drop();
  };

  return { run, close };
};
