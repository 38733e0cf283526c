import { randomUUID } from 'node:crypto';
import {
  catchError,
  concat,
  connect,
  defer,
  finalize,
  ignoreElements,
  type MonoTypeOperatorFunction,
  merge,
  type Observable,
  switchMap,
  takeUntil,
  throwError,
} from 'rxjs';
import { combineHooks } from '../checking/combine-hooks.ts';
import { monitor } from '../checking/pipeline.ts';
import type { Ports, Recorded } from '../checking/ports.ts';
import { PACE } from '../domain/pace.ts';
import { createMatcher } from '../matching/matcher.ts';
import type { Resolve } from '../net/names/resolution.ts';
import { createNameResolver } from '../net/names/resolve-name.ts';
import { postgresPorts } from '../postgres/checking/postgres-ports.ts';
import { connectDatabase, type Database } from '../postgres/database.ts';
import { whenPrepared } from '../postgres/prepare-database.ts';
import { addTargets } from '../postgres/targets/add-targets.ts';
import { runUpkeep } from '../postgres/upkeep/run-upkeep.ts';
import { createFetch, type Fetch } from '../probe/create-fetch.ts';
import { boundedFetch } from './bounded-fetch.ts';
import { type Teller, tellLogger } from './logger.ts';
import { type MonitorNumbers, type MonitorOptions, urlOf } from './monitor-options.ts';

/** What was asked for, with every number, and how it ends. */
export type Running = MonitorOptions & MonitorNumbers & Pick<Ports, 'stopping' | 'aborting'>;

/** Opens, prepares, runs until it is stopped, and closes. */
export const runMonitor = (options: Running): Observable<Recorded> =>
  defer(() => {
    const tell = tellLogger(options.log);
    const worker = options.worker ?? `website-monitor-${randomUUID()}`;
    const database = connectDatabase({
      dsn: options.dsn,
      poolSize: options.dbPoolSize,
      applicationName: worker,
      isPooled: options.listenDsn !== undefined, // a second DSN is given for nothing else
    });
    const names = createNameResolver();
    const matcher = createMatcher({ jobsMax: options.workerNumber, runMsMax: options.regexTimeoutMs });
    const ours = ourFetch(options, names.resolve);
    const close = async (): Promise<void> => {
      names.close();
      ours.close();
      await Promise.all([matcher.close(), database.close()]);
    };
    const ports: Ports = {
      ...postgresPorts(database, {
        dsn: options.listenDsn ?? options.dsn,
        worker,
        timeoutMs: options.maxTimeoutMs,
        leaseMarginMs: options.leaseMarginMs,
        attemptsMax: 1 + options.confirm,
        stopping: options.stopping,
        onTrouble: tell.trouble,
        onListening: tell.listening,
      }),
      fetch: options.fetch ? boundedFetch(options.fetch) : ours,
      match: options.match ?? matcher.match,
      hooks: { ...combineHooks(), ...options.hooks },
      stopping: options.stopping,
      aborting: options.aborting,
      monotonicMs: () => performance.now(),
    };
    return concat(prepared(database, options, tell), watch(database, ports, options, tell)).pipe(
      closingBy(close),
    );
  });

const ourFetch = (
  { privateTargets, secrets, bodyBytesMax, keepAlive = false }: Running,
  resolve: Resolve,
): Fetch =>
  createFetch({
    resolve,
    bodyBytesMax,
    keepAlive,
    ...(privateTargets && { privateTargets }),
    ...(secrets && { secrets }),
  });

/** Emits nothing. */
const prepared = (
  database: Database,
  { migrate = true, websites = [], stopping }: Running,
  tell: Teller,
): Observable<never> =>
  whenPrepared(database, { migrate, onWaiting: tell.waiting }).pipe(
    switchMap(async applied => {
      applied.forEach(tell.migrated);
      for (const website of websites) {
        const draft = typeof website === 'string' ? {} : website;
        await addTargets(database, { urls: [urlOf(website) ?? ''], draft });
      }
    }),
    ignoreElements(),
    takeUntil(stopping),
  );

/** The pipeline, and what is kept up beside it. */
const watch = (database: Database, ports: Ports, options: Running, tell: Teller): Observable<Recorded> =>
  monitor(ports, { ...options, raiseForStatus: options.raiseForStatus ?? true, ...PACE }).pipe(
    connect(recorded =>
      merge(
        recorded,
        recorded.pipe(
          runUpkeep(database, {
            retentionDays: options.retentionDays,
            monotonicMs: ports.monotonicMs,
            onTrouble: tell.notKeptUp,
          }),
        ),
      ),
    ),
  );

/** Closes before the end is told, so that whoever hears of it finds nothing open; and when nobody listens any more. */
function closingBy<T>(close: () => Promise<void>): MonoTypeOperatorFunction<T> {
  const closed = defer(close).pipe(ignoreElements());
  return source =>
    concat(
      source.pipe(
        catchError(error =>
          concat(
            closed,
            throwError(() => error),
          ),
        ),
      ),
      closed,
    ).pipe(finalize(() => void close().catch(() => {})));
}
