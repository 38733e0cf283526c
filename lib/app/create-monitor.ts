import { randomUUID } from 'node:crypto';
import {
  BehaviorSubject,
  combineLatest,
  map,
  NEVER,
  Observable,
  ReplaySubject,
  switchMap,
  take,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import { combineHooks } from '../checking/combine-hooks.ts';
import { guardFetch } from '../checking/guards/guard-fetch.ts';
import { guardHooks } from '../checking/guards/guard-hooks.ts';
import { guardMatch } from '../checking/guards/guard-match.ts';
import type { Recorded } from '../checking/ports.ts';
import { requireNode } from '../domain/node-problem.ts';
import { type Occupancy, VACANT } from '../domain/occupancy.ts';
import { guardLog } from './guard-log.ts';
import type { MonitorOptions } from './monitor-options.ts';
import { openDatabase } from './open-database.ts';
import { type ParsedOptions, parseOptions } from './parse-options.ts';
import { version } from './process/version.ts';
import { createReporter } from './reporter.ts';
import { runWorker } from './run-worker.ts';
import { scoped } from './scoped.ts';
import type { WorkerParts } from './worker-parts.ts';

/** Longest time for recording and returning slots without progress, once it stops: a dead database must not hold us. */
const RECORDING_MS_MAX = 5_000;

/**
 * The whole monitor within another program. Each subscription is one worker, and emits each batch of checks
 * that it has recorded. Any number of workers may share a database, in one process or in many.
 *
 * - `options.stop` ends it gracefully: running checks are finished and recorded, then it completes with nothing open.
 *   If the database does not answer for 5 s then, it completes without.
 * - Unsubscribing aborts running checks and returns their slots to other workers, within seconds and after the call.
 * - It errors where retrying is of no use: a refused password, a schema of a newer version. An unreachable
 *   database is waited for.
 *
 * Handles no signal, reads no environment and writes nothing but to `options.log`.
 *
 * @throws RangeError that names every invalid option, or an Error on Node older than 24
 */
export function createMonitor(options: MonitorOptions): Observable<Recorded> {
  requireNode(process.versions.node);
  const parsed = parseOptions(options);
  return new Observable<Recorded>(subscriber => {
    // Replayed: a lease pass may still be owed when they fire, and must see them.
    const stopping = new ReplaySubject<void>(1);
    const aborting = new ReplaySubject<void>(1);
    // Before anything is opened: this is code of the caller's, which may stop or fail at once.
    const asked = parsed.stop
      .pipe(take(1))
      .subscribe({ next: () => stopping.next(), error: error => subscriber.error(error) });
    if (subscriber.closed) return;
    const running = run(options, parsed, { stopping, aborting }).subscribe({
      next: report => subscriber.next(report), // not `subscriber` itself, whose unsubscribing would cut recording off
      error: error => subscriber.error(error),
      complete: () => subscriber.complete(),
    });
    return () => {
      asked.unsubscribe();
      stopping.next();
      aborting.next();
      const givingUp = setTimeout(() => running.unsubscribe(), RECORDING_MS_MAX);
      running.add(() => clearTimeout(givingUp));
    };
  });
}

const run = (
  options: MonitorOptions,
  { settings, websites, newWorkerId }: ParsedOptions,
  stops: Pick<WorkerParts, 'stopping' | 'aborting'>,
): Observable<Recorded> =>
  scoped(scope => {
    const { dsn, hooks = {}, log, secrets, fetch, match, send } = options;
    const listenDsn = options.listenDsn ?? null;
    const report = createReporter(log && guardLog(log));
    const occupancy = new BehaviorSubject(VACANT);
    const workerId = newWorkerId();
    const database = openDatabase({ workerId, dbPoolSize: settings.dbPoolSize, listenDsn }, dsn);
    scope.defer(database.close);
    return runWorker(
      { ...settings, workerId },
      {
        database,
        listenDsn: listenDsn ?? dsn,
        websites,
        hooks: combineHooks(
          { ...combineHooks(), occupancy: now => occupancy.next(now) },
          guardHooks(hooks, report.hookFailed),
        ),
        report,
        secrets,
        fetch: fetch && guardFetch(fetch),
        match: match && guardMatch(match),
        send,
        instanceId: randomUUID(),
        version: version(),
        ...stops,
      },
    ).pipe(takeUntil(givesUp(stops.stopping, occupancy).pipe(tap(report.gaveUp))));
  });

/** Emits the slots that are lost when, after a stop, nothing runs any more and recording makes no progress. */
const givesUp = (stopping: Observable<unknown>, occupancy: Observable<Occupancy>): Observable<number> =>
  combineLatest([occupancy, stopping]).pipe(
    switchMap(([{ running, unrecorded }]) =>
      running > 0 ? NEVER : timer(RECORDING_MS_MAX).pipe(map(() => unrecorded)),
    ),
    take(1),
  );
