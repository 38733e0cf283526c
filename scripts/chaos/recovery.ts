import { isWorthWaitingFor } from '../../lib/postgres/error-codes.ts';
import { type Scene, sqlText, until } from './scene.ts';

/** How long after the end of a fault, in ms, it was all well again. */
export interface Recovery {
  /** Every worker has recorded something since */
  readonly recordingMs: number;
  /** Every worker hears of changes at once */
  readonly listeningMs: number;
  /** No slot is due, or leased and not recorded, for longer than a second, nor held by a worker that is gone */
  readonly scheduleMs: number;
}

const PARTS = ['recordingMs', 'listeningMs', 'scheduleMs'] as const;

type Watched = Pick<Scene, 'query' | 'workers' | 'wait'>;

const LAG_MS_MAX = 1_000;
const POLL_MS = 100;

/**
 * Waits until all is well again. Of what was well for a moment and then no longer, the last time counts.
 *
 * @returns what is still not well after `timeoutMs`, where it comes to that
 */
export async function awaitRecovery(scene: Watched, timeoutMs: number): Promise<Recovery | string> {
  const since = new Date();
  const startedMs = performance.now();
  const wellSinceMs: { -readonly [Part in keyof Recovery]?: Recovery[Part] } = {};

  for (;;) {
    const { lagMs, silent, orphans } = await progress(scene, since);
    const deaf = scene.workers.map(worker => worker.process()).filter(process => !process.isListening());
    const elapsedMs = performance.now() - startedMs;
    const isWell: Record<keyof Recovery, boolean> = {
      recordingMs: silent.length === 0,
      listeningMs: deaf.length === 0,
      scheduleMs: lagMs < LAG_MS_MAX && orphans === 0,
    };
    for (const part of PARTS) {
      if (isWell[part]) wellSinceMs[part] ??= elapsedMs;
      else delete wellSinceMs[part];
    }
    const { recordingMs, listeningMs, scheduleMs } = wellSinceMs;
    if (recordingMs !== undefined && listeningMs !== undefined && scheduleMs !== undefined)
      return { recordingMs, listeningMs, scheduleMs };
    if (elapsedMs > timeoutMs) {
      const names = deaf.map(({ name }) => name);
      return `lag ${lagMs} ms, ${orphans} orphaned batches, not recording: [${silent}], not listening: [${names}]`;
    }
    await scene.wait(POLL_MS);
  }
}

/** Resolves once whatever was due before `horizon` is settled; tells whether it was in time. */
export const awaitSettled = (scene: Watched, horizon: Date, timeoutMs: number): Promise<boolean> =>
  until(
    async () => Date.now() - (await progress(scene, horizon)).lagMs > horizon.getTime(),
    scene,
    timeoutMs,
  );

interface Progress {
  readonly lagMs: number;
  readonly silent: readonly string[];
  readonly orphans: number;
}

async function progress({ query, workers }: Watched, since: Date): Promise<Progress> {
  const names = workers.map(worker => worker.process().name);
  try {
    const [row] = await query<Progress & Record<string, unknown>>(sqlText('progress'), [names, since]);
    if (!row) throw new Error('progress.sql returned no row');
    return row;
  } catch (error) {
    if (!isWorthWaitingFor(error)) throw error;
    return { lagMs: Number.POSITIVE_INFINITY, silent: names, orphans: 0 }; // it has only just come back
  }
}
