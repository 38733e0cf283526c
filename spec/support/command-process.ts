import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
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

/** Runs a command of `lib/main.ts` to its end, where no `.env` is, with nothing in its environment but PATH. */
export async function runCommand({ args, environment = {}, input = '' }: Running): Promise<Ran> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: tmpdir(),
    env: { ...CHILD_ENVIRONMENT, ...environment },
  });
  child.stdin.on('error', () => {}); // it need not read to the end
  child.stdin.end(input);
  const ended = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  return { code, stdout, stderr };
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
