import { startBundledServer } from '../bundled-postgres/bundled-server.ts';
import { clusterIn } from '../bundled-postgres/cluster.ts';
import { findRunning } from '../bundled-postgres/find-running.ts';
import type { Config } from '../config/parse-config.ts';
import { connectDatabase, type Database } from '../postgres/database.ts';
import { migrate } from '../postgres/migrate.ts';
import { ensurePartitions } from '../postgres/prepare-database.ts';
import { statement } from '../postgres/sql-file.ts';
import type { Work } from './run-command.ts';

/** Nothing was said of a database, and there is none of ours. */
export class NoDatabaseError extends Error {
  override readonly name = 'NoDatabaseError';
}

/** A report over days of checks may take its time */
const QUERY_MS_MAX = 300_000;

type Doing<T> = (database: Database, dsn: string) => Promise<T>;

/** @throws NoDatabaseError where no DSN is given and the bundled server does not run */
export async function withDatabase<T>(work: Work, doing: Doing<T>): Promise<T> {
  const dsn = await dsnOf(work);
  if (dsn !== undefined) return connected(dsn, work.config, doing);
  throw new NoDatabaseError(
    `no --dsn is given, and no bundled server runs on ${work.dataFolder}: start the service (npm start), or name a database by --dsn or WEBSITE_MONITOR_DSN`,
  );
}

/** The same, but the bundled server is started where it does not run, and the schema made where there is none. */
export async function withDatabaseMade<T>(work: Work, doing: Doing<T>): Promise<T> {
  const { config, dataFolder, screen } = work;
  const made: Doing<T> = async (database, dsn) => {
    await makeSchema(database, config);
    return doing(database, dsn);
  };
  const dsn = await dsnOf(work);
  if (dsn !== undefined) return connected(dsn, config, made);
  screen.tell(`no --dsn given: starting the bundled PostgreSQL in ${dataFolder} for the time being`);
  const server = await startBundledServer({ dataFolder });
  try {
    return await connected(server.dsn, config, made);
  } finally {
    await server.stop();
  }
}

/** As it was given, else of the bundled server, where that runs. */
const dsnOf = async ({ config, dataFolder }: Work): Promise<string | undefined> =>
  config.dsn ?? (await findRunning(clusterIn(dataFolder)));

async function connected<T>(dsn: string, { listenDsn }: Config, doing: Doing<T>): Promise<T> {
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

/** A schema that is there is left as it is: whoever edits targets need not own it. */
async function makeSchema(database: Database, config: Config): Promise<void> {
  const [ledger] = await database.query<{ exists: boolean }>(statement('migrations-exist'));
  if (ledger?.exists || !config.migrate) return;
  await migrate(database);
  await ensurePartitions(database);
}
