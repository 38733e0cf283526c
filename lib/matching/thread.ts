import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Match } from '../domain/check/match.ts';

export interface MatchRequest {
  readonly pattern: string;
  readonly body: string;
}

/** A worker thread that runs one search at a time. After an overrun it must be ended. */
export interface MatchThread {
  /** Resolves when the thread accepts requests. Rejects if it could not start. */
  readonly ready: Promise<unknown>;
  /**
   * Resolves to null if the search took longer than `runMsMax`: it is still running, so end the thread.
   * Rejects if the thread ended, by itself (out of memory) or by `end`.
   */
  readonly run: (request: MatchRequest, runMsMax: number) => Promise<Match | null>;
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

  const nextMessage = async (stopped: AbortSignal): Promise<unknown> => {
    try {
      const [message] = await once(worker, 'message', { signal: AbortSignal.any([ended.signal, stopped]) });
      return message;
    } catch {
      ended.signal.throwIfAborted();
      return null;
    }
  };

  const run = async (request: MatchRequest, runMsMax: number): Promise<Match | null> => {
    const overrun = new AbortController();
    // After a stall the event loop runs timers before it reads messages: let it read the answer first.
    const timer = setTimeout(() => setImmediate(() => overrun.abort()), runMsMax);
    try {
      worker.postMessage(request);
      return (await nextMessage(overrun.signal)) as Match | null;
    } finally {
      clearTimeout(timer);
    }
  };

  return { ready: nextMessage(ended.signal), run, end: () => worker.terminate() };
};
