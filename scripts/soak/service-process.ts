/**
 * Runs the service in its own process, which reports on request what it holds.
 *
 * Arguments: the DSN. Messages: 'sample' is answered with a Holding; SIGTERM stops it.
 */
import { readdirSync } from 'node:fs';
import { NEVER } from 'rxjs';
import { openDatabase } from '../../lib/app/open-database.ts';
import { startService } from '../../lib/app/service.ts';
import { parseConfig } from '../../lib/config/parse-config.ts';
import type { Log } from '../../lib/log/create-log.ts';

/** Resources of a process that can leak. */
export interface Holding {
  /** After garbage collection */
  readonly heapBytes: number;
  /** Buffers outside the heap */
  readonly externalBytes: number;
  readonly fileDescriptors: number;
  readonly sockets: number;
  readonly timers: number;
  /** Anything else that keeps the event loop alive */
  readonly otherResources: number;
}

const FLAGS = [
  '--http-port=0',
  '--max-timeout=2',
  '--lease-margin=3',
  '--worker-id=soaked',
  '--allow-private-targets=127.0.0.0/8,::1',
];
const QUIET: Log = {
  error: message => console.error(message),
  warn: () => {},
  info: () => {},
  debug: () => {},
  check: () => {},
  transition: () => {},
  lineLost: NEVER,
  flush: async () => {},
};

const parsed = parseConfig(FLAGS, {}, { isTerminal: false, randomUuid: 'soaked' });
if (parsed.kind !== 'run') throw new Error('the soak passes flags that the service does not take');
const dsn = process.argv[2] ?? '';
const database = openDatabase(parsed.config, dsn);
const service = await startService(parsed.config, { database, dsn, log: QUIET });
await service.started;
process.on('message', () => process.send?.(holding()));
process.once('SIGTERM', async () => {
  service.stop();
  await service.ended;
  await service.close();
  await database.close();
  process.disconnect();
});
process.send?.('started');

function holding(): Holding {
  // Twice: the second collects what finalizers of the first released.
  globalThis.gc?.();
  globalThis.gc?.();
  const resources = process.getActiveResourcesInfo();
  const countOf = (pattern: RegExp): number => resources.filter(name => pattern.test(name)).length;
  const sockets = countOf(/^TCPSocketWrap$/);
  const timers = countOf(/^(Timeout|Immediate)$/);
  const { heapUsed, external } = process.memoryUsage();
  return {
    heapBytes: heapUsed,
    externalBytes: external,
    fileDescriptors: readdirSync('/proc/self/fd').length,
    sockets,
    timers,
    otherResources: resources.length - sockets - timers,
  };
}
