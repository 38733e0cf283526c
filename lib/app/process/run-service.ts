import type { ConfigOf } from '../../config/commands.ts';
import type { Environment } from '../../config/sources.ts';
import { redactDsn } from '../../domain/redact.ts';
import type { Log } from '../../log/create-log.ts';
import { refusedWebsites } from '../../net/guard/refused-websites.ts';
import type { Database } from '../../postgres/database.ts';
import { hasTargets } from '../../postgres/diagnose.ts';
import { createSecrets } from '../../secrets/create-secrets.ts';
import { readTelemetrySettings, type TelemetrySettings } from '../../telemetry/settings.ts';
import { startService } from '../service.ts';
import { openPostgres } from './open-postgres.ts';
import { runUntilStopped } from './run-until-stopped.ts';
import type { StopSignal } from './stop-signal.ts';
import { version } from './version.ts';

/**
 * Runs the service until it is asked to stop.
 *
 * @returns whether everything was recorded or returned in time
 */
export async function runService(
  config: ConfigOf<'run'>,
  environment: Environment,
  log: Log,
  stopAsked: Promise<StopSignal>,
): Promise<boolean> {
  await using scope = new AsyncDisposableStack();
  const { dsn, database } = await openPostgres(scope, config, environment, log);
  for (const { url, reason } of refusedWebsites(config.websites.urls, config.privateTargets))
    log.warn(`this website will not be checked: ${reason}`, { url });
  const service = await startService(config, {
    database,
    dsn,
    log,
    secrets: createSecrets({ environment, folder: config.secretsFolder }),
    telemetry: { settings: telemetrySettings(environment, log), version: version() },
  });
  scope.defer(service.close);
  void service.started.then(hasStarted => {
    if (!hasStarted) return;
    log.info('website-monitor is running', {
      version: version(),
      database: redactDsn(dsn),
      ...(service.httpUrl && { metrics: `${service.httpUrl}/metrics` }),
    });
    void tellIfEmpty(database, log);
  });
  return await runUntilStopped(service, stopAsked, config.shutdownGraceMs, log);
}

/** A first start would otherwise show nothing to wait for. */
async function tellIfEmpty(database: Database, log: Log): Promise<void> {
  const isEmpty = await hasTargets(database).then(
    hasAny => !hasAny,
    () => false, // the worker reports the trouble
  );
  if (isEmpty)
    log.info(
      'no targets to check: add one with website-monitor targets add URL, or pass URLs on the command line',
    );
}

function telemetrySettings(environment: Environment, log: Log): TelemetrySettings | null {
  const { settings, problems } = readTelemetrySettings(environment);
  for (const problem of problems) log.warn(problem);
  return settings;
}
