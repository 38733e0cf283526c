import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { CHILD_ENVIRONMENT } from './child-environment.ts';
import type { LogReader } from './log-reader.ts';
import { type WatchedLog, watchLog } from './watch-log.ts';

const MAIN = join(import.meta.dirname, '../../lib/main.ts');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `lib/main.ts` as a process of its own. */
export interface MainProcess extends WatchedLog {
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Ended>;
}

export interface Launch {
  /** Default: `lib/main.ts` */
  readonly script?: string;
  /** Default: the script, on the Node of the specs */
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  /**
   * All that it finds in its environment beside PATH, what lets it check websites of this machine, and a pool
   * of two connections
   */
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: one where no `.env` is */
  readonly folder?: string;
  /** Who reads its stdout; default: we do, at once */
  readonly reader?: LogReader;
  /** File descriptors that it may have; default: as many as we */
  readonly descriptorsMax?: number;
}

export const LOOPBACK_ALLOWED = { WEBSITE_MONITOR_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8,::1' };

/** Each new connection costs the server a process, and few specs need more than two. */
export const FEW_CONNECTIONS = { WEBSITE_MONITOR_DB_POOL_SIZE: '2' };

const running = new Set<ChildProcessByStdio<null, Readable | null, Readable>>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function launch({
  script = MAIN,
  command = [process.execPath, script],
  args = [],
  environment = {},
  folder = tmpdir(),
  reader,
  descriptorsMax,
}: Launch): MainProcess {
  const limit = descriptorsMax === undefined ? '' : `ulimit -n ${descriptorsMax}; `;
  const child = spawn('/bin/sh', ['-c', `${limit}exec "$0" "$@"`, ...command, ...args], {
    cwd: folder,
    env: { ...CHILD_ENVIRONMENT, ...LOOPBACK_ALLOWED, ...FEW_CONNECTIONS, ...environment },
    stdio: ['ignore', reader?.pipe ?? 'pipe', 'pipe'],
  }) as ChildProcessByStdio<null, Readable | null, Readable>;
  running.add(child);
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    running.delete(child);
    return { code, signal };
  });
  const watched = watchLog(reader?.passedOn ?? child.stdout, child.stderr, ended);
  return { ...watched, signal: signal => void child.kill(signal), ended };
}

/** Runs the process to its end. */
export async function runMain(launching: Launch): Promise<{ code: number | null; output: string }> {
  const { ended, output } = launch(launching);
  const { code } = await ended;
  return { code, output: output() };
}

/** A worker on that database that has begun to listen for changes. */
export async function startWorker(
  dsn: string,
  flags: readonly string[] = [],
  environment: Launch['environment'] = {},
  reader?: LogReader,
): Promise<MainProcess> {
  const worker = launchWorker(dsn, flags, environment, reader);
  await worker.logged(/^website-monitor is running$/);
  await worker.logged(/^listening for changes$/);
  return worker;
}

export const launchWorker = (
  dsn: string,
  flags: readonly string[] = [],
  environment: Launch['environment'] = {},
  reader?: LogReader,
): MainProcess =>
  launch({
    args: ['--http-port=off', '--logging-type=prod', ...flags],
    environment: { WEBSITE_MONITOR_DSN: dsn, ...environment },
    ...(reader && { reader }),
  });

/** For `afterEach`: whatever a spec has left running, stopped processes included. */
export async function killProcesses(): Promise<void> {
  const left = [...running].map(child => {
    child.kill('SIGKILL');
    return once(child, 'close');
  });
  await Promise.all(left);
}
