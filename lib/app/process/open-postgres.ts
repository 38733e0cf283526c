import { defaultDataFolder } from '../../bundled-postgres/data-folder.ts';
import type { ServiceConfig } from '../../config/service-settings.ts';
import type { Environment } from '../../config/sources.ts';
import type { Log } from '../../log/create-log.ts';
import type { Database } from '../../postgres/database.ts';
import { describeError } from '../../postgres/error-codes.ts';
import { openDatabase } from '../open-database.ts';
import { openBundledServer } from './open-bundled-server.ts';
import { within } from './within.ts';

/** Longest wait for connections to close: one to a database that is gone may never do */
const CLOSING_MS_MAX = 1_000;

/** Connects to the database that the config names, else to the bundled server, for as long as the scope lasts. */
export async function openPostgres(
  scope: AsyncDisposableStack,
  config: ServiceConfig,
  environment: Environment,
  log: Log,
): Promise<{ readonly dsn: string; readonly database: Database }> {
  const dataFolder = () => config.dataFolder ?? defaultDataFolder(environment.XDG_DATA_HOME);
  const dsn = config.dsn ?? (await openBundledServer(scope, dataFolder(), log)).dsn;
  const database = openDatabase(config, dsn, error =>
    log.debug('a connection broke', { reason: describeError(error) }),
  );
  scope.defer(() => within(CLOSING_MS_MAX, database.close())); // its sessions would keep the bundled server up
  return { dsn, database };
}
