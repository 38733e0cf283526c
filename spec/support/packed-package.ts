import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { temporaryFolder } from './temporary-folder.ts';

const CHECKOUT = join(import.meta.dirname, '../..');
const COMPILER = join(CHECKOUT, 'node_modules/.bin/tsc');
const NODE_TYPES = createRequire(import.meta.url)('@types/node/package.json').version as string;

/** The tarball, installed as a user would in an empty folder, with Node's types and nothing else. */
export interface PackedPackage {
  /** Files in the tarball, by their path in the package */
  readonly files: readonly string[];
  /** Holds the examples, too */
  readonly folder: string;
  /** Where a file of the package is installed */
  readonly path: (file: string) => string;
  readonly write: (name: string, text: string) => Promise<void>;
  /** Runs a file of the folder, or a program of `node_modules/.bin`. */
  readonly run: (name: string, ...args: string[]) => RunningProgram;
  /** What the compiler says of every `.ts` of the folder under these options; empty where all is well */
  readonly compile: (options: Readonly<Record<string, unknown>>) => Promise<string>;
  readonly close: () => Promise<void>;
}

export interface RunningProgram {
  /** Its first line that has `text` in it, once there; rejects if it ends without. */
  readonly lineWith: (text: string) => Promise<string>;
  readonly interrupt: () => void;
  /** For `afterEach`: also where it has ended */
  readonly kill: () => void;
  /** Resolves when it has ended, by itself or by a signal. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stderr: string;
  }>;
}

const STRICT = {
  target: 'es2024',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  types: ['node'],
  noEmit: true,
};

/** Takes some ten seconds: to be done once for many specs. */
export async function packAndInstall(): Promise<PackedPackage> {
  const root = await temporaryFolder();
  const folder = join(root, 'embedding');
  await mkdir(folder);
  const execute = async (cwd: string, command: string, ...args: string[]) =>
    (await promisify(execFile)(command, args, { cwd, maxBuffer: 2 ** 24 })).stdout;

  await execute(CHECKOUT, 'npm', 'pack', '--pack-destination', root);
  const tarball = (await readdir(root)).find(name => name.endsWith('.tgz')) ?? 'none';
  const listed = await execute(root, 'tar', '--list', '--file', tarball);
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const wanted = [join(root, tarball), `@types/node@${NODE_TYPES}`];
  await execute(folder, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', ...wanted);
  await cp(join(folder, 'node_modules/website-monitor/examples'), folder, { recursive: true });

  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  return {
    files: listed
      .trim()
      .split('\n')
      .map(path => path.replace(/^package\//, ''))
      .sort(),
    folder,
    path: file => join(folder, 'node_modules/website-monitor', file),
    write,
    run: (name, ...args) => run(folder, name, args, join(root, 'compiled')),
    compile: async options => {
      const compilerOptions = { ...STRICT, ...options };
      await write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.ts'] }));
      return execute(folder, COMPILER, '--singleThreaded', '-p', folder).catch(
        ({ stdout, message }) => stdout || message,
      );
    },
    close: () => rm(root, { recursive: true }),
  };
}

/** @param compiled where the programs keep what Node has compiled, so that only the first is slow */
function run(folder: string, name: string, args: readonly string[], compiled: string): RunningProgram {
  const command = name.endsWith('.ts')
    ? [process.execPath, name]
    : [process.execPath, `node_modules/.bin/${name}`];
  const child = spawn(command[0] ?? '', [...command.slice(1), ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compiled },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let stderr = '';
  const reader = createInterface(child.stdout).on('line', line => lines.push(line));
  child.stderr.on('data', chunk => {
    stderr += chunk;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, stderr }));
  const endedWithout = ended.then((): never => {
    throw new Error(`${name} has ended:\n${lines.join('\n')}\n${stderr}`);
  });
  endedWithout.catch(() => {}); // of interest only to those who wait for a line
  return {
    ended,
    interrupt: () => void child.kill('SIGINT'),
    kill: () => void child.kill('SIGKILL'),
    lineWith: async text => {
      for (;;) {
        const line = lines.find(line => line.includes(text));
        if (line !== undefined) return line;
        await Promise.race([once(reader, 'line'), endedWithout]);
      }
    },
  };
}
