import { from, Observable, ReplaySubject, take } from 'rxjs';
import type { Recorded } from '../checking/ports.ts';
import { type MonitorOptions, monitorNumbers } from './monitor-options.ts';
import { runMonitor } from './run-monitor.ts';

/** What there is for recording and giving back after an unsubscribe; a database that is gone must not hold us. */
const RECORDING_MS_MAX = 5_000;

/**
 * The whole service within another program: subscribing starts a worker, and each batch of checks that
 * it has recorded is emitted. Any number of workers may share a database, in one process or in many.
 *
 * - `options.stop` ends it gracefully: what runs is finished and recorded. Then it completes, with nothing open.
 * - Unsubscribing aborts what runs and gives it back to other workers, within seconds and after the call.
 * - It errs where trying again is of no use: a password that is refused, a schema of a newer version. An
 *   unreachable database is waited for.
 *
 * Handles no signal, reads no environment and writes nothing but to `options.log`.
 *
 * @throws RangeError that names every option at fault
 */
export function createMonitor(options: MonitorOptions): Observable<Recorded> {
  const numbers = monitorNumbers(options);
  return new Observable<Recorded>(subscriber => {
    // Replayed, for a lease pass may still be owed when they fire, and it and its checks must hear of them.
    const stopping = new ReplaySubject<void>(1);
    const aborting = new ReplaySubject<void>(1);
    const running = runMonitor({ ...options, ...numbers, stopping, aborting }).subscribe({
      next: report => subscriber.next(report), // not `subscriber` itself: its unsubscribing would cut recording off
      error: error => subscriber.error(error),
      complete: () => subscriber.complete(),
    });
    const asked = from(options.stop ?? [])
      .pipe(take(1))
      .subscribe({ next: () => stopping.next(), error: error => subscriber.error(error) });
    return () => {
      asked.unsubscribe();
      stopping.next();
      aborting.next();
      const givingUp = setTimeout(() => running.unsubscribe(), RECORDING_MS_MAX);
      running.add(() => clearTimeout(givingUp));
    };
  });
}
