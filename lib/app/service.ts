import { randomUUID } from 'node:crypto';
import { combineAlertingHooks } from '../alerting/combine-hooks.ts';
import { combineHooks } from '../checking/combine-hooks.ts';
import type { Secrets } from '../checking/ports.ts';
import type { ConfigOf } from '../config/commands.ts';
import type { Log } from '../log/create-log.ts';
import type { Resolve } from '../net/names/resolution.ts';
import type { Database } from '../postgres/database.ts';
import { createReporter } from './reporter.ts';
import { createAlertLog } from './service/log-alerts.ts';
import { createLogHooks } from './service/log-hooks.ts';
import { measure } from './service/measure.ts';
import { type ExportSettings, openExport } from './service/open-export.ts';
import { openHeartbeat } from './service/open-heartbeat.ts';
import { openHistory } from './service/open-history.ts';
import { openWeb } from './service/open-web.ts';
import { startWorker } from './service/start-worker.ts';

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
  readonly telemetry?: ExportSettings;
}

/**
 * Opens the parts of the service in order over one database: history, telemetry, web server, heartbeat,
 * worker. The web server comes before the worker, which may wait for its database: probes get an answer.
 *
 * If one of them fails to open, those before it are closed.
 *
 * @throws HttpAddressError, Error if the serving thread cannot start, or what `fs.openSync` throws
 */
export async function startService(config: ConfigOf<'run'>, parts: ServiceParts): Promise<Service> {
  await using scope = new AsyncDisposableStack();
  const { database, log } = parts;
  const instanceId = randomUUID();
  const measuring = measure(config);
  const losses = log.lineLost.subscribe(measuring.logLineLost);
  scope.defer(() => losses.unsubscribe());

  const history = openHistory(scope, config.historyFile, instanceId, log);
  const names = { workerId: config.workerId, instanceId };
  const exported = parts.telemetry ?? { settings: null, version: 'unknown' };
  const telemetry = await openExport(scope, exported, names, measuring, log);
  const web = config.http && (await openWeb(scope, config.http, config, parts.dsn, measuring, log));

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
    alertingHooks: combineAlertingHooks(createAlertLog(log), measuring.alertingHooks),
    report: measuring.measured(createReporter(log)),
    secrets: parts.secrets,
    resolve: parts.resolve,
    instanceId,
    version: exported.version,
    onCertificates: measuring.certificates,
    onAlerting: measuring.alerting,
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
