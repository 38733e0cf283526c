import { startBundledServer } from '../bundled-postgres/bundled-server.ts';
import { clusterIn } from '../bundled-postgres/cluster.ts';
import { defaultDataFolder } from '../bundled-postgres/data-folder.ts';
import { findRunning } from '../bundled-postgres/find-running.ts';
import type { Environment } from '../config/sources.ts';
import { connectDatabase, type Database } from '../postgres/database.ts';
import { migrate } from '../postgres/migrate.ts';
import { ensurePartitions } from '../postgres/prepare-database.ts';
import { statement } from '../sql/sql-file.ts';
import type { Screen } from './screen.ts';

/** No database was named, and the bundled server is not running. */
export class NoDatabaseError extends Error {
  override readonly name = 'NoDatabaseError';
}

/** A report over days of checks may take its time */
const QUERY_MS_MAX = 300_000;

/** Where a command's database is. */
interface Connection {
  readonly config: {
    readonly dsn: string | null;
    readonly listenDsn: string | null;
    readonly dataFolder: string | null;
  };
  readonly environment: Environment;
}

/** The same, for a command that may start the bundled server and make the schema. */
interface Making extends Connection {
  readonly config: Connection['config'] & { readonly migrate: boolean };
  readonly screen: Screen;
}

type Doing<T> = (database: Database, dsn: string) => Promise<T>;

/** @throws NoDatabaseError if no DSN is given and the bundled server is not running */
export async function withDatabase<T>(work: Connection, doing: Doing<T>): Promise<T> {
  const dsn = await dsnOf(work);
  if (dsn !== undefined) return connected(dsn, work.config.listenDsn, doing);
  throw new NoDatabaseError(
    `no --dsn given, and no bundled server is running on ${dataFolderOf(work)}: start the service (npm start), or set --dsn or WEBSITE_MONITOR_DSN`,
  );
}

/** The same, but starts the bundled server if it is not running, and creates the schema if it is missing. */
export async function withDatabaseMade<T>(work: Making, doing: Doing<T>): Promise<T> {
  const { listenDsn, migrate: mayMigrate } = work.config;
  const made: Doing<T> = async (database, dsn) => {
    if (mayMigrate) await makeSchema(database);
    return doing(database, dsn);
  };
  const dsn = await dsnOf(work);
  if (dsn !== undefined) return connected(dsn, listenDsn, made);
  const dataFolder = dataFolderOf(work);
  work.screen.tell(`no --dsn given: starting the bundled PostgreSQL in ${dataFolder} for this command`);
  const server = await startBundledServer({ dataFolder });
  try {
    return await connected(server.dsn, listenDsn, made);
  } finally {
    await server.stop();
  }
}

const dataFolderOf = ({ config, environment }: Connection): string =>
  config.dataFolder ?? defaultDataFolder(environment.XDG_DATA_HOME);

/** As given, else that of the bundled server if it is running. */
const dsnOf = async (work: Connection): Promise<string | undefined> =>
  work.config.dsn ?? (await findRunning(clusterIn(dataFolderOf(work))));

async function connected<T>(dsn: string, listenDsn: string | null, doing: Doing<T>): Promise<T> {
  const database = connectDatabase({
    dsn,
    poolSize: 2,
    applicationName: 'website-monitor command',
    isPooled: listenDsn !== null, // a second DSN is given for nothing else
    queryTimeoutMs: QUERY_MS_MAX,
  });
  try {
    return await doing(database, dsn);
  } finally {
    await database.close();
  }
}

/** Leaves an existing schema as it is: people who edit targets need not own it. */
async function makeSchema(database: Database): Promise<void> {
  const [ledger] = await database.query<{ exists: boolean }>(statement('migrations-exist'));
  if (ledger?.exists) return;
  await migrate(database);
  await ensurePartitions(database);
}
