import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { EXIT } from '../../lib/app/process/exit-codes.ts';
import { runService } from '../../lib/app/process/run-service.ts';
import type { StopSignal } from '../../lib/app/process/stop-signal.ts';
import { parseConfig } from '../../lib/config/parse-config.ts';
import { type Environment, mergeEnvironment } from '../../lib/config/sources.ts';
import { createLog } from '../../lib/log/create-log.ts';
import { describeError } from '../../lib/postgres/error-codes.ts';
import { type Ended, FEW_CONNECTIONS, LOOPBACK_ALLOWED } from './main-process.ts';
import { type WatchedLog, watchLog } from './watch-log.ts';

/** The service in this process. */
export interface WorkerHere extends WatchedLog {
  /** Asks it to stop, as the signal does in a process of its own. */
  readonly signal: (signal: StopSignal) => void;
  /** With the exit code that a process of its own would have. */
  readonly ended: Promise<Ended>;
}

const running = new Map<WorkerHere['signal'], Promise<Ended>>();

/**
 * Runs the service as `lib/main.ts` does, but in this process: one of its own costs a second of CPU. For specs that
 * do not kill it.
 */
export function launchWorkerHere(
  dsn: string,
  flags: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): WorkerHere {
  const surroundings = mergeEnvironment('', {
    ...LOOPBACK_ALLOWED,
    ...FEW_CONNECTIONS,
    WEBSITE_MONITOR_DSN: dsn,
    ...environment,
  });
  const args = ['--http-port=off', '--logging-type=prod', ...flags];
  const parsed = parseConfig(args, surroundings, { isTerminal: false, randomUuid: randomUUID() });
  if (parsed.kind !== 'run') throw new Error(`not a configuration to run: ${JSON.stringify(parsed)}`);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const log = createLog(parsed.config, { stdout, stderr });
  const { promise: stopAsked, resolve: signal } = Promise.withResolvers<StopSignal>();
  const takeBack = lendToOpenTelemetry(surroundings);
  const ended = runService(parsed.config, surroundings, log, stopAsked)
    .catch(error => {
      log.error(describeError(error)); // as `runLogged` does
      return false;
    })
    .finally(async () => {
      takeBack();
      running.delete(signal);
      await log.flush();
    })
    .then((isWell): Ended => ({ code: isWell ? EXIT.asAsked : EXIT.trouble, signal: null }));
  running.set(signal, ended);
  return { ...watchLog(stdout, stderr, ended), signal, ended };
}

/** A worker in this process that has begun to listen for changes. */
export async function startWorkerHere(
  ...launching: Parameters<typeof launchWorkerHere>
): Promise<WorkerHere> {
  const worker = launchWorkerHere(...launching);
  await worker.logged(/^website-monitor is running$/);
  await worker.logged(/^listening for changes$/);
  return worker;
}

/** For `afterEach`: stops what a spec has left running. */
export async function stopWorkersHere(): Promise<void> {
  const left = [...running];
  for (const [signal] of left) signal('SIGTERM');
  await Promise.all(left.map(([, ended]) => ended));
}

/** OpenTelemetry's exporters read the environment of the process. */
function lendToOpenTelemetry(environment: Environment): () => void {
  const lent = Object.entries(environment).filter(([name]) => name.startsWith('OTEL_'));
  for (const [name, text] of lent) process.env[name] = text;
  return () => {
    for (const [name] of lent) delete process.env[name];
  };
}
