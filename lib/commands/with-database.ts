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

/** There is no DSN, and the bundled server is not running. */
export class NoDatabaseError extends Error {
  override readonly name = 'NoDatabaseError';
}

/** Reports over days of checks are slow */
const QUERY_MS_MAX = 300_000;

/** What a command needs to find its database. */
interface Connection {
  readonly config: {
    readonly dsn: string | null;
    readonly listenDsn: string | null;
    readonly dataFolder: string | null;
  };
  readonly environment: Environment;
}

/** For a command that may start the bundled server and create the schema. */
interface Making extends Connection {
  readonly config: Connection['config'] & { readonly migrate: boolean };
  readonly screen: Screen;
}

type Doing<T> = (database: Database, dsn: string) => Promise<T>;

/**
 * Connects to the database, runs `doing` and disconnects.
 *
 * @throws NoDatabaseError if no DSN is given and the bundled server is not running
 */
export async function withDatabase<T>(work: Connection, doing: Doing<T>): Promise<T> {
  const dsn = await dsnOf(work);
  if (dsn !== undefined) return connected(dsn, work.config.listenDsn, doing);
  throw new NoDatabaseError(
    `no --dsn given, and no bundled server is running on ${dataFolderOf(work)}: start the service (npm start), or set --dsn or WEBSITE_MONITOR_DSN`,
  );
}

/** Like `withDatabase`, but starts the bundled server if it is not running and creates a missing schema. */
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

/** Returns the given DSN, else that of the running bundled server. */
const dsnOf = async (work: Connection): Promise<string | undefined> =>
  work.config.dsn ?? (await findRunning(clusterIn(dataFolderOf(work))));

async function connected<T>(dsn: string, listenDsn: string | null, doing: Doing<T>): Promise<T> {
  const database = connectDatabase({
    dsn,
    poolSize: 2,
    applicationName: 'website-monitor command',
    isPooled: listenDsn !== null, // the only reason to give a second DSN
    queryTimeoutMs: QUERY_MS_MAX,
  });
  try {
    return await doing(database, dsn);
  } finally {
    await database.close();
  }
}

/** Never migrates an existing schema: people who edit targets need not own it. */
async function makeSchema(database: Database): Promise<void> {
  const [ledger] = await database.query<{ exists: boolean }>(statement('migrations-exist'));
  if (ledger?.exists) return;
  await migrate(database);
  await ensurePartitions(database);
}
