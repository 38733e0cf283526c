import { firstValueFrom, from, map, takeUntil } from 'rxjs';
import type { ServiceConfig } from '../../config/service-settings.ts';
import type { Environment } from '../../config/sources.ts';
import type { Log } from '../../log/create-log.ts';
import { prepare } from '../prepare.ts';
import { createReporter } from '../reporter.ts';
import { openPostgres } from './open-postgres.ts';
import { stopSignal } from './stop-signal.ts';

/**
 * Brings the schema up to date.
 *
 * @returns false if the process was told to stop before
 */
export async function runMigrate(
  config: ServiceConfig,
  environment: Environment,
  log: Log,
): Promise<boolean> {
  const stopAsked = stopSignal(() => {});
  await using scope = new AsyncDisposableStack();
  const { database } = await openPostgres(scope, config, environment, log);
  const prepared = prepare(
    database,
    { migrate: true, websites: [], alertUrls: [] },
    createReporter(log),
  ).pipe(
    map(() => true),
    takeUntil(from(stopAsked)),
  );
  const isCurrent = await firstValueFrom(prepared, { defaultValue: false });
  if (isCurrent) log.info('the schema is up to date');
  return isCurrent;
}
