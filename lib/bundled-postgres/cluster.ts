import { randomBytes } from 'node:crypto';
import { chown, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { BundledServerError } from './bundled-server-error.ts';
import { type Account, run } from './run.ts';
import { buildWhole } from './whole-folder.ts';

/** The files of one server, in a folder that only its account may enter. */
export interface Cluster {
  readonly folder: string;
  /** PostgreSQL's data directory */
  readonly dataDirectory: string;
  readonly passwordFile: string;
  readonly logFile: string;
}

/** The database role that owns everything; not a user of the operating system */
export const ROLE = 'website_monitor';

export const clusterIn = (dataFolder: string): Cluster => layout(join(dataFolder, 'postgres'));

const layout = (folder: string): Cluster => ({
  folder,
  dataDirectory: join(folder, 'data'),
  passwordFile: join(folder, 'password'),
  logFile: join(folder, 'server.log'),
});

/**
 * Creates the cluster unless it exists.
 *
 * @throws BundledServerError if it belongs to another user or another major version
 */
export const ensureCluster = async (
  cluster: Cluster,
  binaries: Binaries,
  account: Account,
  durable: boolean,
): Promise<void> => {
  const version = await majorVersionOf(cluster);
  if (version === undefined) {
    return buildWhole(cluster.folder, folder => makeCluster(layout(folder), binaries, account, durable));
  }
  if (version === binaries.majorVersion) return;
  throw new BundledServerError(
    `the data in ${cluster.folder} belongs to PostgreSQL ${version}, and PostgreSQL ${binaries.majorVersion} cannot ` +
      'read it: to start over, move that folder away or choose another data folder; to keep the data, dump it ' +
      `with pg_dumpall of PostgreSQL ${version} first and load the dump here`,
  );
};

const majorVersionOf = async ({ folder, dataDirectory }: Cluster): Promise<string | undefined> => {
  try {
    return (await readFile(join(dataDirectory, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new BundledServerError(
      `cannot read the data in ${folder} (${code}): run as its owner, or choose another data folder`,
    );
  }
};

const makeCluster = async (
  cluster: Cluster,
  binaries: Binaries,
  account: Account,
  durable: boolean,
): Promise<void> => {
  const password = randomBytes(24).toString('base64url');
  await writeFile(cluster.passwordFile, password, { mode: 0o600, flag: 'wx', flush: true });
  if ('uid' in account) {
    await chown(cluster.passwordFile, account.uid, account.gid);
    await chown(cluster.folder, account.uid, account.gid);
  }
  const made = await run(binaries.initdb, initdbArguments(cluster, durable), account);
  if (!made.ok) throw new BundledServerError(`cannot create a database in ${cluster.folder}: ${made.reason}`);
};

const initdbArguments = ({ dataDirectory, passwordFile }: Cluster, durable: boolean): string[] => [
  `--pgdata=${dataDirectory}`,
  `--username=${ROLE}`,
  `--pwfile=${passwordFile}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8', // sorts by code point like C, but maps the case of every letter
  '--set=timezone=UTC',
  '--set=log_timezone=UTC',
  '--no-instructions',
  ...(durable ? [] : ['--no-sync']),
];
