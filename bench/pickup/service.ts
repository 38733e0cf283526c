// The service, for pickup.ts: it says when it listens, and ends when its parent lets go of it.
// node bench/pickup/service.ts DSN
import { parseConfig } from '../../lib/config.ts';
import { createLog } from '../../lib/log.ts';
import { startService } from '../../lib/service.ts';

const [dsn = ''] = process.argv.slice(2);
const parsed = parseConfig(
  ['--http-port=off', '--logging-type=prod'],
  {},
  { isTerminal: false, randomUuid: 'bench' },
);
if (parsed.kind !== 'run') throw new Error('the benchmark gives the service flags that it does not take');
const log = createLog(parsed.config);
const service = await startService(parsed.config, dsn, {
  ...log,
  info: message => message.startsWith('listening') && process.send?.('listening'),
});
process.once('disconnect', async () => {
  service.stop();
  await service.ended;
  await service.close();
  process.exit();
});
