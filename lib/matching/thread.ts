import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Match } from '../domain/check/match.ts';

export interface MatchRequest {
  readonly pattern: string;
  readonly body: string;
}

/** A worker thread that runs one match at a time, and is of no more use once one has overrun. */
export interface MatchThread {
  /** Rejects if the thread could not start. */
  readonly ready: Promise<unknown>;
  /**
   * Null if `runMsMax` milliseconds were not enough: the thread still runs, so end it. Rejects if
   * the thread ended by itself (out of memory) or was ended.
   */
  readonly run: (request: MatchRequest, runMsMax: number) => Promise<Match | null>;
  readonly end: () => Promise<unknown>;
}

// The sources run as .ts and the published package as .js: the worker's name ends as this one does.
const workerUrl = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);

/** @throws if the system has no thread to give */
export const startThread = (heapMiB: number): MatchThread => {
  const worker = new Worker(workerUrl, {
    resourceLimits: { maxOldGenerationSizeMb: heapMiB, maxYoungGenerationSizeMb: 16 },
    env: {}, // it needs none of the secrets in it
    execArgv: [], // nor a debugger, nor flags that are meant for the main file
  });
  worker.unref(); // whoever waits for an answer holds a timer, and an idle thread holds nothing

  const ended = new AbortController();
  worker.once('error', error => ended.abort(error)); // also while idle, when nobody else listens
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
    // A stalled event loop runs its timers before it reads its messages, so let it read them first.
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
