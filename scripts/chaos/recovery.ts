import { type Scene, sqlText } from './scene.ts';

/** How long after the end of a fault, in ms, it was all well again. */
export interface Recovery {
  /** Every worker has recorded something since */
  readonly recordingMs: number;
  /** Every worker hears of changes at once */
  readonly listeningMs: number;
  /** No slot is due, or leased and not recorded, for longer than a second */
  readonly scheduleMs: number;
}

const LAG_MS_MAX = 1_000;
const POLL_MS = 100;

/**
 * Waits until all is well again, a dead worker's slots included; each column is the first time that it
 * was seen so.
 *
 * @returns what is still not well after `timeoutMs`, where it comes to that
 */
export async function awaitRecovery(
  scene: Pick<Scene, 'query' | 'workers' | 'wait'>,
  timeoutMs: number,
): Promise<Recovery | string> {
  const since = new Date();
  const startedMs = performance.now();
  const reachedMs: { -readonly [Name in keyof Recovery]?: number } = {};

  for (;;) {
    const elapsedMs = performance.now() - startedMs;
    const { lagMs, silent } = await progress(scene, since);
    const deaf = scene.workers.map(worker => worker.process()).filter(process => !process.isListening());
    if (silent.length === 0) reachedMs.recordingMs ??= elapsedMs;
    if (deaf.length === 0) reachedMs.listeningMs ??= elapsedMs;
    if (lagMs < LAG_MS_MAX) reachedMs.scheduleMs ??= elapsedMs;

    const { recordingMs, listeningMs, scheduleMs } = reachedMs;
    if (recordingMs !== undefined && listeningMs !== undefined && scheduleMs !== undefined)
      return { recordingMs, listeningMs, scheduleMs };
    if (elapsedMs > timeoutMs)
      return `lag ${lagMs} ms, not recording: [${silent}], not listening: [${deaf.map(({ name }) => name)}]`;
    await scene.wait(POLL_MS);
  }
}

/** Resolves once whatever was due before `horizon` is settled; tells whether it was in time. */
export async function awaitSettled(
  scene: Pick<Scene, 'query' | 'workers' | 'wait'>,
  horizon: Date,
  timeoutMs: number,
): Promise<boolean> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const { lagMs } = await progress(scene, horizon);
    if (Date.now() - lagMs > horizon.getTime()) return true;
    if (performance.now() > endMs) return false;
    await scene.wait(POLL_MS);
  }
}

async function progress({ query, workers }: Pick<Scene, 'query' | 'workers'>, since: Date) {
  const names = workers.map(worker => worker.process().name);
  try {
    const [row] = await query<{ lag_ms: number; silent: string[] }>(sqlText('progress'), [names, since]);
    return { lagMs: row?.lag_ms ?? Number.POSITIVE_INFINITY, silent: row?.silent ?? names };
  } catch {
    return { lagMs: Number.POSITIVE_INFINITY, silent: names }; // a server that has just come back
  }
}
