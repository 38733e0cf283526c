// The service as a benchmark's child process: reports when it listens, and stops when its parent disconnects.
// node bench/support/service-process.ts DSN [JSON array of more flags] [JSON array of name servers]

import { openDatabase } from '../../lib/app/open-database.ts';
import { startService } from '../../lib/app/service.ts';
import { parseConfig } from '../../lib/config/parse-config.ts';
import { createLog } from '../../lib/log/create-log.ts';
import { createNameResolver } from '../../lib/net/names/resolve-name.ts';

const [dsn = '', flags = '[]', servers = 'null'] = process.argv.slice(2);
const nameServers = JSON.parse(servers);
const parsed = parseConfig(
  ['--http-port=off', '--logging-type=prod', '--allow-private-targets=127.0.0.0/8,::1', ...JSON.parse(flags)],
  {},
  { isTerminal: false, randomUuid: String(process.pid) },
);
if (parsed.kind !== 'run') throw new Error('the benchmark passes flags that the service does not take');
const log = createLog(parsed.config);
const quiet = {
  ...log,
  warn: () => {}, // the figures show gaps and delays
  transition: () => {},
  info: (message: string) => message.startsWith('listening') && process.send?.('listening'),
};
const { BENCH_ALERT_LINGER_MS: lingerMs } = process.env;
const config = lingerMs === undefined ? parsed.config : { ...parsed.config, alertLingerMs: Number(lingerMs) };
const service = await startService(config, {
  database: openDatabase(parsed.config, dsn),
  dsn,
  log: quiet,
  ...(nameServers !== null && { resolve: createNameResolver({ servers: nameServers }).resolve }),
});
/** Longer than any check. After a failed benchmark the database is gone, and nothing can be recorded. */
const STOPPING_MS_MAX = 20_000;

process.once('disconnect', async () => {
  setTimeout(() => process.exit(1), STOPPING_MS_MAX).unref();
  service.stop();
  await service.ended;
  await service.close();
  process.exit();
});
