import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exhaustMap, interval } from 'rxjs';
import { type BundledServer, startBundledServer } from '../../bundled-postgres/bundled-server.ts';
import type { Log } from '../../log/create-log.ts';
import { describeError } from '../../postgres/error-codes.ts';

const REVIVE_EVERY_MS = 2_000;

/**
 * Starts or adopts the bundled PostgreSQL, and revives it while the scope lasts. Its DSN is left in a file
 * next to its data, for psql.
 *
 * @throws BundledServerError
 */
export async function openBundledServer(
  scope: AsyncDisposableStack,
  dataFolder: string,
  log: Log,
): Promise<BundledServer> {
  log.info('no --dsn given: starting the bundled PostgreSQL', { dataFolder });
  const server = await startBundledServer({ dataFolder });
  scope.defer(server.stop);
  const dsnFile = join(server.dataFolder, 'dsn');
  writeFileSync(dsnFile, `${server.dsn}\n`, { mode: 0o600 }); // it holds the password
  log.info('the bundled PostgreSQL is up', { connectWith: `psql "$(cat ${dsnFile})"` });
  const reviving = interval(REVIVE_EVERY_MS)
    .pipe(exhaustMap(() => server.revive().catch(error => log.error(describeError(error)))))
    .subscribe(
      wasGone => wasGone && log.warn('the bundled PostgreSQL stopped unexpectedly and was restarted'),
    );
  scope.defer(() => reviving.unsubscribe());
  return server;
}
