import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { HttpAddressError } from './http-address-error.ts';
import type { HandedOver, Served, ServingOptions } from './messages.ts';

/** A thread that serves. */
export interface ServingThread {
  readonly url: string;
  readonly handOver: (message: HandedOver) => void;
  /** Resolves with the reason when the thread ends, by itself or by `end`. */
  readonly ended: Promise<string>;
  /** Cuts its connections. */
  readonly end: () => Promise<unknown>;
}

/** Heap of the thread; if it needs more, it ends and another is started. Pages of targets reach 20 MB each. */
const heapMiB = ({ targets }: ServingOptions): number => (targets === null ? 64 : 256);

// The sources run as .ts, the published package as .js: the thread has the same extension as this file.
const threadUrl = new URL(`./serving/thread${extname(import.meta.url)}`, import.meta.url);

/**
 * Starts a thread that serves. Resolves when it listens.
 *
 * @param onMetricsWanted called when a client asks for metrics; hand them over
 * @throws HttpAddressError, or Error if the thread cannot start
 */
export async function startServing(
  options: ServingOptions,
  onMetricsWanted: () => void,
): Promise<ServingThread> {
  const worker = new Worker(threadUrl, {
    name: 'serving',
    workerData: options,
    resourceLimits: { maxOldGenerationSizeMb: heapMiB(options), maxYoungGenerationSizeMb: 8 },
    execArgv: [], // keeps a debugger and flags for the main file out
  });
  const ended = new Promise<string>(resolve => {
    worker.once('error', error => resolve(error instanceof Error ? error.message : String(error)));
    worker.once('exit', code => resolve(`it exited with ${code}`));
  });
  const answered = new Promise<Extract<Served, { kind: 'listening' | 'refused' }>>(resolve => {
    worker.on('message', (message: Served) => {
      if (message.kind === 'metrics-wanted') onMetricsWanted();
      else resolve(message);
    });
  });
  const failed = ended.then(reason => {
    throw new Error(`the HTTP server cannot start: ${reason}`);
  });
  const answer = await Promise.race([answered, failed]);
  failed.catch(() => {});
  if (answer.kind === 'refused') {
    await worker.terminate();
    throw new HttpAddressError(options.host, options.port, answer.code);
  }
  return {
    url: answer.url,
    handOver: message => worker.postMessage(message),
    ended,
    end: () => worker.terminate(),
  };
}
