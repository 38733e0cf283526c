import { setTimeout as sleep } from 'node:timers/promises';
import { type Backoff, backoffMs } from '../domain/backoff.ts';
import type { Health } from './health.ts';
import type { ServingOptions } from './messages.ts';
import type { Page } from './page.ts';
import { type ServingThread, startServing } from './start-serving.ts';

export interface HttpOptions extends Pick<ServingOptions, 'host' | 'port' | 'targets'> {
  /** The metrics as they are now. Called once a second at most, and only if a client asks */
  readonly metrics: () => Promise<Page>;
  readonly ready: () => Health;
  /** Calls its listener whenever readiness may have changed */
  readonly onReadyChange: (listener: () => void) => void;
  /** Called when the serving thread ended or could not be started again; `attempt` counts from 1 */
  readonly onTrouble: (reason: string, attempt: number) => void;
  /** Silence of this thread after which `/livez` is 503; default 60,000 */
  readonly silenceMsMax?: number;
}

export interface HttpServer {
  /** With the actual port */
  readonly url: string;
  /** Cuts open connections, so that no client can delay a shutdown. */
  readonly close: () => Promise<void>;
}

const SIGN_OF_LIFE_EVERY_MS = 1_000;

const RESTART_BACKOFF: Backoff = { firstMs: 100, ceilingMs: 30_000 };

/**
 * Serves `/metrics`, `/metrics/targets`, `/livez` and `/readyz` on a thread of its own, so that no client can
 * delay a check. This thread hands over readiness each second, and metrics when asked. A serving thread that
 * ends is started again.
 *
 * @throws HttpAddressError, or Error if the thread cannot start
 */
export async function serveHttp(options: HttpOptions): Promise<HttpServer> {
  const { host, targets, metrics, ready, onTrouble, silenceMsMax = 60_000 } = options;
  const closing = new AbortController();

  const handOverMetrics = async (): Promise<void> => {
    const page = await metrics().catch(() => UNREADABLE);
    thread.handOver({ kind: 'metrics', page });
  };
  const handOverReadiness = (): void => thread.handOver({ kind: 'ready', health: ready() });
  const start = (port: number): Promise<ServingThread> =>
    startServing({ host, port, ready: ready(), silenceMsMax, targets }, handOverMetrics);

  let thread = await start(options.port);
  const { url } = thread;
  const signs = setInterval(handOverReadiness, SIGN_OF_LIFE_EVERY_MS).unref();
  options.onReadyChange(handOverReadiness);

  /** Resolves with the reason when the thread has ended. */
  const serveAgain = async (): Promise<string> => {
    try {
      thread = await start(Number(new URL(url).port));
      if (closing.signal.aborted) await thread.end();
      return await thread.ended;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const keepServing = async (): Promise<void> => {
    let reason = await thread.ended;
    for (let attempt = 1; !closing.signal.aborted; attempt += 1) {
      onTrouble(reason, attempt);
      const delayMs = backoffMs(RESTART_BACKOFF, attempt, Math.random());
      await sleep(delayMs, undefined, { signal: closing.signal, ref: false }).catch(() => {});
      if (closing.signal.aborted) return;
      const startedAtMs = performance.now();
      reason = await serveAgain();
      if (performance.now() - startedAtMs > RESTART_BACKOFF.ceilingMs) attempt = 0;
    }
  };
  const serving = keepServing();

  const close = async (): Promise<void> => {
    closing.abort();
    clearInterval(signs);
    await thread.end();
    await serving;
  };
  return { url, close };
}

const UNREADABLE: Page = { status: 500, body: 'cannot read the metrics\n' };
