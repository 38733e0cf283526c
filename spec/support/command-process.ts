import { AsyncLocalStorage } from 'node:async_hooks';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runParsed } from '../../lib/app/process/run-parsed.ts';
import { parseConfig } from '../../lib/config/parse-config.ts';
import { mergeEnvironment } from '../../lib/config/sources.ts';
import { CHILD_ENVIRONMENT } from './child-environment.ts';

const MAIN = join(import.meta.dirname, '../../lib/main.ts');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** What it finds on its standard input */
  readonly input?: string;
}

/** What is `process.stdin`, `stdout` and `stderr` to the command that runs in this context. */
const streams = new AsyncLocalStorage<
  Readonly<Record<'stdin' | 'stdout' | 'stderr', Readable | PassThrough>>
>();

for (const name of ['stdin', 'stdout', 'stderr'] as const) {
  const own = Object.getOwnPropertyDescriptor(process, name);
  Object.defineProperty(process, name, {
    ...own,
    get: () => streams.getStore()?.[name] ?? own?.get?.call(process),
  });
}

/**
 * Runs a command as `lib/main.ts` does, in this process: a process of its own costs half a second of CPU. It finds
 * nothing in its environment but PATH, and pipes for its input and output.
 */
export async function runCommand({ args, environment = {}, input = '' }: Running): Promise<Ran> {
  const surroundings = mergeEnvironment('', { PATH: process.env.PATH, ...environment });
  const parsed = parseConfig(args, surroundings, { isTerminal: false, randomUuid: randomUUID() });
  if (parsed.kind === 'run' || parsed.kind === 'migrate') throw new Error(`${parsed.kind} needs a process`);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const written = Promise.all([text(stdout), text(stderr)]);
  const code = await streams.run({ stdin: Readable.from([Buffer.from(input)]), stdout, stderr }, () =>
    runParsed(parsed, surroundings),
  );
  stdout.end();
  stderr.end();
  const [out, err] = await written;
  return { code, stdout: out, stderr: err };
}

/** Runs a line of the shell in which `monitor` is the command. */
export async function runShell(line: string, environment: Readonly<Record<string, string>>): Promise<Ran> {
  const monitor = `${process.execPath} ${MAIN}`;
  const child = spawn('bash', ['-c', `set -o pipefail; monitor() { ${monitor} "$@"; }; ${line}`], {
    cwd: tmpdir(),
    env: { ...CHILD_ENVIRONMENT, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  return { code, stdout, stderr };
}
