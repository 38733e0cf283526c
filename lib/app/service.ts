import { randomUUID } from 'node:crypto';
import { finalize, ReplaySubject } from 'rxjs';
import { combineHooks } from '../checking/combine-hooks.ts';
import type { Hooks, Secrets } from '../checking/ports.ts';
import type { ConfigOf } from '../config/commands.ts';
import type { ServiceConfig } from '../config/service-settings.ts';
import { isPowerOfTwo } from '../domain/power-of-two.ts';
import { writeHistory } from '../history/write-history.ts';
import type { Log } from '../log/create-log.ts';
import type { Resolve } from '../net/names/resolution.ts';
import type { Database } from '../postgres/database.ts';
import { describeError } from '../postgres/error-codes.ts';
import { targetStatesReader } from '../postgres/reports/read-target-states.ts';
import type { TelemetrySettings } from '../telemetry/settings.ts';
import { openTelemetry } from '../telemetry/telemetry.ts';
import { type HttpServer, serveHttp } from '../web/server.ts';
import { targetPages } from '../web/target-pages.ts';
import { createLogHooks } from './log-hooks.ts';
import { type Measuring, measure } from './measure.ts';
import { openHeartbeat } from './open-heartbeat.ts';
import { createReporter } from './reporter.ts';
import { runWorker, type WorkerParts } from './run-worker.ts';

export interface Service {
  /** Of metrics and health; null where they are off */
  readonly httpUrl: string | null;
  /** Resolves with true when checking begins, with false if the service ended before. Never rejects */
  readonly started: Promise<boolean>;
  /** Resolves after `stop`, when everything leased is recorded or returned; rejects where retrying is of no use */
  readonly ended: Promise<void>;
  /** No new leases from now on */
  readonly stop: () => void;
  /** Aborts running checks; their slots are returned */
  readonly abort: () => void;
  readonly unrecordedCount: () => number;
  /** After `ended`, or to give up */
  readonly close: () => Promise<void>;
}

/** What the service is opened over: its caller closes it. */
export interface ServiceParts {
  readonly database: Database;
  /** Of that database */
  readonly dsn: string;
  readonly log: Log;
  /** Resolves references in the targets' headers and credentials; by default they are sent as they are */
  readonly secrets?: Secrets;
  /** By default as the system does */
  readonly resolve?: Resolve;
  /** Default 60,000 */
  readonly heartbeatEveryMs?: number;
  /** By default nothing is exported */
  readonly telemetry?: { readonly settings: TelemetrySettings | null; readonly version: string };
}

/**
 * Opens the parts of the service in order over one database: history, telemetry, web server, heartbeat,
 * worker. The
 * web server comes before the worker, which may wait for its database, so that probes get an answer.
 *
 * If one of them fails to open, those before it are closed.
 *
 * @throws HttpAddressError, or what `fs.openSync` throws
 */
export async function startService(config: ConfigOf<'run'>, parts: ServiceParts): Promise<Service> {
  await using scope = new AsyncDisposableStack();
  const { database, log } = parts;
  const instanceId = randomUUID();
  const measuring = measure(config);
  const losses = log.lineLost.subscribe(measuring.logLineLost);
  scope.defer(() => losses.unsubscribe());

  const history = openHistory(scope, config.historyFile, instanceId, log);
  const telemetry = await openTelemetryFor(config.workerId, instanceId, measuring, parts);
  scope.defer(telemetry.close);
  const web = config.http && (await openWeb(scope, config.http, config, database, measuring));

  const heartbeat = await openHeartbeat(
    scope,
    { url: config.heartbeatUrl, everyMs: parts.heartbeatEveryMs },
    measuring,
    log,
  );
  const logHooks = createLogHooks(log, {
    certificateWarningDays: config.certificateWarningDays,
    traceIdOf: telemetry.traceIdOf,
  });
  const worker = startWorker(scope, config, {
    database,
    listenDsn: config.listenDsn ?? parts.dsn,
    websites: [config.websites],
    hooks: combineHooks(...history, measuring.hooks, logHooks, ...heartbeat),
    report: measuring.measured(createReporter(log)),
    secrets: parts.secrets,
    resolve: parts.resolve,
    instanceId,
    onCertificates: measuring.certificates,
    traced: telemetry.traced,
  });

  const opened = scope.move();
  return {
    httpUrl: web?.url ?? null,
    started: worker.started,
    ended: worker.ended,
    stop: () => {
      measuring.stopping();
      worker.stop();
    },
    abort: worker.abort,
    unrecordedCount: measuring.unrecordedCount,
    close: () => opened.disposeAsync(),
  };
}

/** @returns its hooks, or none */
function openHistory(
  scope: AsyncDisposableStack,
  path: string | null,
  worker: string,
  log: Log,
): readonly Hooks[] {
  if (path === null) return [];
  const history = writeHistory({
    path,
    worker,
    onTrouble: error => log.error('the history ends here', { reason: describeError(error) }),
    monotonicMs: () => performance.now(),
  });
  scope.defer(history.close);
  return [history.hooks];
}

function openTelemetryFor(
  workerId: string,
  instanceId: string,
  { registry }: Measuring,
  { log, telemetry }: ServiceParts,
) {
  let losses = 0;
  return openTelemetry(telemetry?.settings ?? null, {
    version: telemetry?.version ?? 'unknown',
    workerId,
    instanceId,
    metrics: () => registry.getMetricsAsJSON(),
    onTrouble: reason => {
      losses += 1;
      if (isPowerOfTwo(losses))
        log.warn('telemetry was lost: it could not be exported', { reason, times: losses });
    },
  });
}

async function openWeb(
  scope: AsyncDisposableStack,
  { host, port }: NonNullable<ServiceConfig['http']>,
  { scrapedTargetsMax, maxTimeoutMs, confirm, leaseMarginMs }: ServiceConfig,
  database: Database,
  { registry, ready }: Measuring,
): Promise<HttpServer> {
  const targets = () =>
    targetPages({
      read: targetStatesReader(database, {
        timeoutMs: maxTimeoutMs,
        attemptsMax: 1 + confirm,
        leaseMarginMs,
      }),
      describeError,
      targetsMax: scrapedTargetsMax,
    });
  const server = await serveHttp({
    host,
    port,
    registry,
    ready,
    live: () => ({ isWell: true, reason: 'alive' }),
    targets: scrapedTargetsMax === 0 ? null : targets(),
  });
  scope.defer(server.close);
  return server;
}

/** Closing the scope gives up on a worker that has not ended. */
function startWorker(
  scope: AsyncDisposableStack,
  config: ServiceConfig,
  parts: Omit<WorkerParts, 'stopping' | 'aborting' | 'onStarted'>,
) {
  // Replayed: a lease pass may still be owed when they fire, and must see them.
  const stopping = new ReplaySubject<void>(1);
  const aborting = new ReplaySubject<void>(1);
  const started = Promise.withResolvers<boolean>();
  const ended = Promise.withResolvers<void>();
  const running = runWorker(config, { ...parts, stopping, aborting, onStarted: () => started.resolve(true) })
    .pipe(finalize(() => started.resolve(false)))
    .subscribe({ complete: ended.resolve, error: ended.reject });
  scope.defer(() => running.unsubscribe());
  return {
    started: started.promise,
    ended: ended.promise,
    stop: () => stopping.next(),
    abort: () => aborting.next(),
  };
}
