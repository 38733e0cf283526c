import { combineHooks } from '../../checking/combine-hooks.ts';
import type { Hooks } from '../../checking/ports.ts';
import { isPowerOfTwo } from '../../domain/power-of-two.ts';
import { type Beat, heartbeat } from '../../heartbeat/heartbeat.ts';
import { watchWork } from '../../heartbeat/watch-work.ts';
import type { Log } from '../../log/create-log.ts';
import type { Measuring } from './measure.ts';

export interface OpenHeartbeatSettings {
  /** Null: sends none */
  readonly url: string | null;
  /** Default 60,000 */
  readonly everyMs?: number | undefined;
}

/**
 * Sends heartbeats to a dead-man's switch for as long as the scope lasts.
 *
 * @returns the hooks that it needs, or none
 */
export async function openHeartbeat(
  scope: AsyncDisposableStack,
  { url, everyMs = 60_000 }: OpenHeartbeatSettings,
  measuring: Pick<Measuring, 'ready' | 'heartbeat'>,
  log: Log,
): Promise<readonly Hooks[]> {
  if (url === null) return [];
  const { sendHeartbeat } = await import('../../heartbeat/send-heartbeat.ts'); // got is loaded only where it is used
  const { hooks, passes, overdue } = watchWork(() => performance.now());
  const logBeat = beatLogger(log, new URL(url).host);
  const beating = heartbeat({
    passes,
    ready: measuring.ready,
    overdue,
    send: sendHeartbeat(url),
    everyMs,
  }).subscribe(beat => {
    measuring.heartbeat(beat.kind);
    logBeat(beat);
  });
  scope.defer(() => beating.unsubscribe());
  return [{ ...combineHooks(), ...hooks }];
}

/**
 * Logs the first, second, fourth, eighth … failure in a row, the first of a row of withheld heartbeats,
 * and the end of either.
 *
 * @param host all of the URL that may be shown: the rest often is a secret
 */
export function beatLogger(log: Pick<Log, 'warn' | 'info'>, host: string): (beat: Beat) => void {
  let failures = 0;
  let isWithheld = false;
  return beat => {
    if (beat.kind === 'accepted') {
      if (failures > 0 || isWithheld) log.info('heartbeats are accepted again', { host });
      failures = 0;
    } else if (beat.kind === 'failed') {
      failures += 1;
      if (isPowerOfTwo(failures))
        log.warn('the heartbeat failed; retrying in a minute', {
          host,
          reason: beat.reason,
          attempt: failures,
        });
    } else if (!isWithheld) {
      log.warn('heartbeat withheld: this worker is unhealthy', { host, reason: beat.reason });
    }
    isWithheld = beat.kind === 'withheld';
  };
}
