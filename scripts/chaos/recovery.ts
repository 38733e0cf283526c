import { isWorthWaitingFor } from '../../lib/postgres/error-codes.ts';
import { type Scene, sqlText, until } from './scene.ts';

/** Time from the end of a fault until everything had recovered, in ms. */
export interface Recovery {
  /** Until every worker has recorded something */
  readonly recordingMs: number;
  /** Until every worker listens for changes again */
  readonly listeningMs: number;
  /** Until no slot has been due or unrecorded for over a second, or is held by a dead worker */
  readonly scheduleMs: number;
}

const PARTS = ['recordingMs', 'listeningMs', 'scheduleMs'] as const;

type Watched = Pick<Scene, 'query' | 'workers' | 'wait'>;

const LAG_MS_MAX = 1_000;
const POLL_MS = 100;

/**
 * Waits until everything has recovered. If something recovers and fails again, the last recovery counts.
 *
 * @returns what has not recovered after `timeoutMs`, if anything
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

/** Resolves once every slot due before `horizon` is settled, with whether that was in time. */
export const awaitSettled = (scene: Watched, horizon: Date, timeoutMs: number): Promise<boolean> =>
  until(
    async () => Date.now() - (await progress(scene, horizon)).lagMs > horizon.getTime(),
    scene,
    timeoutMs,
  );

/** Resolves once alerting has nothing to do, with whether that was in time. */
export const awaitAlertsSettled = (scene: Watched, timeoutMs: number): Promise<boolean> =>
  until(
    async () => {
      const [row] = await scene.query<{ settled: boolean }>(sqlText('alerts-are-settled'));
      return row?.settled === true;
    },
    scene,
    timeoutMs,
    500,
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
