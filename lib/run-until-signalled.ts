import type { Log } from './log.ts';
import type { Service } from './service.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** npm passes on a Ctrl-C that the terminal has sent to us already: that is one wish, not two. */
const ECHO_MS = 500;

/** Of the grace: left for saving once the fetches have been aborted */
const SAVING_SHARE = 0.2;

/**
 * Lets the service run until SIGINT or SIGTERM, and then end: no new leases; checks under way have
 * the grace, less a fifth, to finish; then they are aborted, saved or given back. A second signal
 * ends the process at once, with the exit code that a shell gives for that signal.
 *
 * @returns whether everything was saved or given back in time
 */
export async function runUntilSignalled(service: Service, graceMs: number, log: Log): Promise<boolean> {
  const signalled = onSignals(service, graceMs, log);
  const graceIsOver = signalled.then(() => after(graceMs));
  signalled.then(() => after(graceMs * (1 - SAVING_SHARE))).then(service.abort);

  const ended = await Promise.race([service.ended.then(() => true), graceIsOver.then(() => false)]);
  if (ended) log.info('stopped: everything is saved');
  else log.error('the grace is over: what is not saved is lost', { checks: service.unsavedCount() });
  await Promise.race([service.close(), after(1_000)]);
  return ended;
}

function onSignals(service: Service, graceMs: number, log: Log): Promise<void> {
  return new Promise(resolve => {
    let firstAtMs: number | null = null;
    const onSignal = (signal: (typeof SIGNALS)[number]): void => {
      const nowMs = performance.now();
      if (firstAtMs === null) {
        firstAtMs = nowMs;
        log.info(`${signal}: stopping; once more ends at once`, {
          checksUnderWay: service.unsavedCount(),
          graceSeconds: graceMs / 1_000,
        });
        service.stop();
        resolve();
      } else if (nowMs - firstAtMs > ECHO_MS) {
        log.warn(`${signal} again: ending at once`, { checks: service.unsavedCount() });
        process.exit(signal === 'SIGINT' ? 130 : 143);
      }
    };
    for (const signal of SIGNALS) process.on(signal, onSignal);
  });
}

/** Does not keep the process alive. */
const after = (durationMs: number): Promise<void> =>
  new Promise(resolve => setTimeout(resolve, durationMs).unref());
