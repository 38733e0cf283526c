import type { Log } from '../../log/create-log.ts';
import type { Service } from '../service.ts';
import type { StopSignal } from './stop-signal.ts';

/** Share of the grace that is left for recording after checks are aborted */
const RECORDING_SHARE = 0.2;

/**
 * Lets the service run until it is asked to stop, then drains it: no new leases; running checks have four
 * fifths of the grace to finish; then they are aborted, and recorded or returned.
 *
 * @returns whether everything was recorded or returned in time
 */
export async function runUntilStopped(
  service: Service,
  stopAsked: Promise<StopSignal>,
  graceMs: number,
  log: Log,
): Promise<boolean> {
  const stopping = stopAsked.then(signal => {
    const again = signal === 'SIGINT' ? 'press Ctrl-C again' : 'send it again';
    log.info(`${signal}: draining (${again} to exit immediately)`, {
      checksUnderWay: service.unrecordedCount(),
      graceSeconds: graceMs / 1_000,
    });
    service.stop();
  });
  stopping.then(() => after(graceMs * (1 - RECORDING_SHARE))).then(service.abort);
  // A dead database may delay the end, though nothing is left to record.
  const graceIsOver = stopping.then(() => after(graceMs)).then(() => service.unrecordedCount() === 0);

  const isRecorded = await Promise.race([service.ended.then(() => true), graceIsOver]);
  if (isRecorded) log.info('stopped: everything is recorded');
  else
    log.error('shutdown grace period expired; unrecorded checks are lost', {
      checks: service.unrecordedCount(),
    });
  return isRecorded;
}

/** Does not keep the process alive. */
const after = (durationMs: number): Promise<void> =>
  new Promise(resolve => setTimeout(resolve, durationMs).unref());
