import type { Health } from '../health.ts';
import type { HandedOver, ServingOptions } from '../messages.ts';
import type { Page } from '../page.ts';

export interface HandoverSettings extends Pick<ServingOptions, 'ready' | 'silenceMsMax'> {
  /** Asks the checking thread to hand over its metrics */
  readonly askForMetrics: () => void;
  /** A monotonic clock */
  readonly nowMs: () => number;
}

/** Metrics are that old at most while the checking thread answers, and asked for that often at most. */
const METRICS_AGE_MS_MAX = 1_000;

/** Longest wait for metrics; beyond it the last ones are shown */
const WAIT_MS_MAX = 2_000;

/** What the serving thread knows of the checking thread. */
export function createHandover({ ready, silenceMsMax, askForMetrics, nowMs }: HandoverSettings) {
  let readiness = ready;
  let heardAtMs = nowMs();
  let metrics: { readonly page: Page; readonly atMs: number } | null = null;
  let isOwed = false; // asked again only after the answer: a stuck thread would have to answer each time
  let arrival: PromiseWithResolvers<void> | null = null;

  const receive = (message: HandedOver): void => {
    heardAtMs = nowMs();
    if (message.kind === 'ready') readiness = message.health;
    else {
      metrics = { page: message.page, atMs: heardAtMs };
      isOwed = false;
      arrival?.resolve();
    }
  };

  const metricsArrived = (): Promise<void> => {
    if (!isOwed) askForMetrics();
    isOwed = true;
    if (arrival === null) {
      const pending = Promise.withResolvers<void>();
      arrival = pending;
      const timer = setTimeout(pending.resolve, WAIT_MS_MAX);
      pending.promise.then(() => {
        clearTimeout(timer);
        arrival = null;
      });
    }
    return arrival.promise;
  };

  const live = (): Health => {
    const silenceMs = nowMs() - heardAtMs;
    return silenceMs < silenceMsMax
      ? { isWell: true, reason: 'alive' }
      : { isWell: false, reason: `checking has been stuck for ${Math.floor(silenceMs / 1_000)} s` };
  };

  return {
    receive,
    /** Whether the checking thread has given a sign of life lately */
    live,
    /** As the checking thread said last; not ready while it is stuck */
    ready: (): Health => {
      const liveness = live();
      return liveness.isWell ? readiness : liveness;
    },
    metrics: async (): Promise<Page> => {
      if (metrics === null || nowMs() - metrics.atMs >= METRICS_AGE_MS_MAX) await metricsArrived();
      const { isWell, reason } = live();
      if (isWell && metrics !== null) return metrics.page;
      return { status: 503, body: `${isWell ? 'checking is held up; try again' : reason}\n` };
    },
  };
}

export type Handover = ReturnType<typeof createHandover>;
