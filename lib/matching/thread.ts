import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Match } from '../domain/check/match.ts';
import { cpuClock, type SearchLimits, watchSearch } from './watch-search.ts';

export interface MatchRequest {
  readonly pattern: string;
  readonly body: string;
}

/** From the thread. */
export interface Report {
  /** Null: it is ready for its first search */
  readonly match: Match | null;
  /** CPU time that the thread has used in all */
  readonly cpuMs: number;
}

/** How a search ended. */
export interface Search {
  /** Null if it was stopped at a limit: it is still running, so end the thread */
  readonly match: Match | null;
  /** CPU time that it used */
  readonly cpuMs: number;
}

/** A worker thread that runs one search at a time. After one that was stopped it must be ended. */
export interface MatchThread {
  /** Resolves when the thread accepts requests. Rejects if it could not start. */
  readonly ready: Promise<unknown>;
  /** Rejects if the thread ended, by itself (out of memory) or by `end`. */
  readonly run: (request: MatchRequest, limits: SearchLimits) => Promise<Search>;
  readonly end: () => Promise<unknown>;
}

// The sources run as .ts, the published package as .js: the worker has the same extension as this file.
const workerUrl = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Starts a thread that does not keep the process alive.
 *
 * @param heapMiB the thread ends with an error when it needs more
 * @throws if the system cannot start another thread
 */
export const startThread = (heapMiB: number): MatchThread => {
  const worker = new Worker(workerUrl, {
    resourceLimits: { maxOldGenerationSizeMb: heapMiB, maxYoungGenerationSizeMb: 16 },
    env: {}, // keeps secrets out of the thread
    execArgv: [], // keeps a debugger and flags for the main file out, too
  });
  worker.unref(); // a running search keeps the process alive by its timer; an idle thread must not

  const ended = new AbortController();
  worker.once('error', error => ended.abort(error)); // while idle, too: unhandled, it would end the process
  worker.once('exit', () => ended.abort(new Error('the matching thread was ended')));

  let reportedCpuMs = 0;
  const nextReport = async (stopped: AbortSignal): Promise<Report | null> => {
    try {
      const signal = AbortSignal.any([ended.signal, stopped]);
      const [report] = (await once(worker, 'message', { signal })) as [Report];
      return report;
    } catch {
      ended.signal.throwIfAborted();
      return null;
    }
  };
  const becomeReady = async (): Promise<void> => {
    reportedCpuMs = (await nextReport(ended.signal))?.cpuMs ?? 0;
  };

  const run = async (request: MatchRequest, limits: SearchLimits): Promise<Search> => {
    const usedMs = cpuClock(worker, reportedCpuMs);
    const watch = watchSearch(limits, usedMs);
    try {
      worker.postMessage(request);
      const report = await nextReport(watch.stopped);
      if (report === null) return { match: null, cpuMs: watch.cpuMs() };
      const cpuMs = report.cpuMs - reportedCpuMs;
      reportedCpuMs = report.cpuMs;
      return { match: report.match, cpuMs };
    } finally {
      watch.end();
    }
  };

  return { ready: becomeReady(), run, end: () => worker.terminate() };
};
