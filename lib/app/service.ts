import { randomUUID } from 'node:crypto';
import { ReplaySubject } from 'rxjs';
import { combineHooks } from '../checking/combine-hooks.ts';
import { monitor } from '../checking/pipeline.ts';
import type { Ports, Secrets } from '../checking/ports.ts';
import type { Config } from '../config/parse-config.ts';
import { PACE } from '../domain/pace.ts';
import { isPowerOfTwo } from '../domain/power-of-two.ts';
import { writeHistory } from '../history/write-history.ts';
import type { Log } from '../log/create-log.ts';
import { createMatcher } from '../matching/matcher.ts';
import { createNameResolver, type NameResolver } from '../net/names/resolve-name.ts';
import { postgresPorts } from '../postgres/checking/postgres-ports.ts';
import { connectDatabase, type Database } from '../postgres/database.ts';
import { describeError } from '../postgres/error-codes.ts';
import { prepareDatabase } from '../postgres/prepare-database.ts';
import { targetStatesReader } from '../postgres/reports/read-target-states.ts';
import { addTargets } from '../postgres/targets/add-targets.ts';
import { runUpkeep } from '../postgres/upkeep/run-upkeep.ts';
import { createFetch } from '../probe/create-fetch.ts';
import type { TelemetrySettings } from '../telemetry/settings.ts';
import { openTelemetry } from '../telemetry/telemetry.ts';
import { serveHttp } from '../web/server.ts';
import { targetPages } from '../web/target-pages.ts';
import { observe } from './observe.ts';

export interface Service {
  /** Of metrics and health; null where they are off */
  readonly httpUrl: string | null;
  /** After `stop`: resolves when everything leased is recorded or given back */
  readonly ended: Promise<void>;
  /** No new leases from now on */
  readonly stop: () => void;
  /** Aborts the fetches that still run; their slots are given back */
  readonly abort: () => void;
  readonly unrecordedCount: () => number;
  /** After `ended`, or to give up */
  readonly close: () => Promise<void>;
}

export interface ServiceParts {
  /** What references in the targets' headers and credentials stand for; by default for themselves */
  readonly secrets?: Secrets;
  /** By default the system's */
  readonly names?: NameResolver;
  /** So that specs can stand between the service and its database */
  readonly database?: Database;
  /** By default nothing is exported */
  readonly telemetry?: { readonly settings: TelemetrySettings | null; readonly version: string };
}

/**
 * Wires the real adapters to the pipeline and sets it going.
 *
 * @param dsn of the config, or of the bundled server
 * @throws SchemaError or HttpAddressError, what PostgreSQL refuses for good, or what `fs.openSync` throws
 */
export async function startService(
  config: Config,
  dsn: string,
  log: Log,
  parts: ServiceParts = {},
): Promise<Service> {
  const { secrets, names = createNameResolver(), database = openDatabase(config, dsn, log) } = parts;
  // Replayed, for a lease pass may still be owed when they fire, and it and its checks must hear of them.
  const stopping = new ReplaySubject<void>(1);
  const aborting = new ReplaySubject<void>(1);
  const instanceId = randomUUID();
  const history = openHistory(config, instanceId, log);
  const observer = observe(log, { ...config, traceIdOf: lease => telemetry.traceIdOf(lease) });
  const { registry, ready } = observer;
  const telemetry = await openTelemetry(parts.telemetry?.settings ?? null, {
    version: parts.telemetry?.version ?? 'unknown',
    workerId: config.workerId,
    instanceId,
    metrics: () => registry.getMetricsAsJSON(),
    onTrouble: observer.telemetryTrouble,
  });

  // First, so that a worker that waits for its database can say that it lives.
  const http =
    config.http &&
    (await serveHttp({
      ...config.http,
      registry,
      ready,
      live: () => ({ isWell: true, reason: 'alive' }),
      targets: showTargets(config, database),
    }));
  await prepare(database, config, log);

  const matcher = createMatcher({ jobsMax: config.workerNumber, runMsMax: config.regexTimeoutMs });
  const fetch = createFetch({ ...config, resolve: names.resolve, ...(secrets && { secrets }) });
  const ports: Ports = {
    ...postgresPorts(database, {
      dsn: config.listenDsn ?? dsn,
      worker: config.workerId,
      instanceId,
      timeoutMs: config.maxTimeoutMs,
      leaseMarginMs: config.leaseMarginMs,
      attemptsMax: 1 + config.confirm,
      certificateWarningDays: config.certificateWarningDays,
      onCertificates: observer.certificates,
      onListening: observer.listening,
      onTrouble: observer.trouble,
      stopping,
    }),
    fetch,
    match: matcher.match,
    hooks: history ? combineHooks(history.hooks, observer.hooks) : observer.hooks,
    stopping,
    aborting,
    monotonicMs: () => performance.now(),
  };

  const upkeep = runUpkeep(database, {
    retentionDays: config.retentionDays,
    monotonicMs: ports.monotonicMs,
    onTrouble: (what, error) => log.warn(what, { reason: describeError(error) }),
    onDropped: partitions => log.info('old history was dropped', { partitions }),
  });
  const ended = new Promise<void>((resolve, reject) => {
    monitor(telemetry.traced(ports), { ...config, ...PACE })
      .pipe(upkeep)
      .subscribe({ complete: resolve, error: reject });
  });

  return {
    httpUrl: http?.url ?? null,
    ended,
    stop: () => {
      observer.stopping();
      stopping.next();
    },
    abort: () => aborting.next(),
    unrecordedCount: observer.unrecordedCount,
    close: async () => {
      names.close();
      fetch.close();
      await Promise.all([http?.close(), matcher.close(), database.close(), telemetry.close()]);
      history?.close();
    },
  };
}

/** What `migrate` does, and every start before anything else. */
export async function prepare(database: Database, config: Config, log: Log): Promise<void> {
  const applied = await prepareDatabase(database, {
    migrate: config.migrate,
    onWaiting: (error, attempt) => {
      if (isPowerOfTwo(attempt))
        log.warn('waiting for the database', { reason: describeError(error), attempt });
    },
  });
  for (const name of applied) log.info('migration applied', { name });
  for (const { url, change } of await addTargets(database, config.websites)) {
    log.info(`target ${change}`, { url });
  }
}

export const openDatabase = (config: Config, dsn: string, log: Log): Database =>
  connectDatabase({
    dsn,
    poolSize: config.dbPoolSize,
    applicationName: config.workerId,
    isPooled: config.listenDsn !== null, // a second DSN is given for nothing else
    onConnectionError: error => log.debug('a connection broke', { reason: describeError(error) }),
  });

const showTargets = ({ scrapedTargetsMax, ...config }: Config, database: Database) =>
  scrapedTargetsMax === 0
    ? null
    : targetPages({
        read: targetStatesReader(database, {
          timeoutMs: config.maxTimeoutMs,
          attemptsMax: 1 + config.confirm,
          leaseMarginMs: config.leaseMarginMs,
        }),
        describeError,
        targetsMax: scrapedTargetsMax,
      });

const openHistory = ({ historyFile }: Config, worker: string, log: Log) =>
  historyFile === null
    ? null
    : writeHistory({
        path: historyFile,
        worker,
        onTrouble: error => log.error('the history ends here', { reason: describeError(error) }),
        monotonicMs: () => performance.now(),
      });
