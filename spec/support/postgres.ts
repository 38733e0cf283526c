import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import pg from 'pg';
import { type BundledServer, startBundledServer } from '../../lib/bundled-postgres/bundled-server.ts';
import { removeAbandonedFolders, temporaryFolder } from './temporary-folder.ts';

/**
 * The specs run on a real PostgreSQL: the one that WEBSITE_MONITOR_TEST_DSN names, as a superuser,
 * else an embedded one of this run's own, started when a spec first asks and gone after the last.
 */
const givenDsn = process.env.WEBSITE_MONITOR_TEST_DSN;

let ownServer: Promise<BundledServer> | undefined;

const startOwnServer = async (): Promise<BundledServer> => {
  await removeAbandonedFolders();
  return startBundledServer({ dataFolder: await temporaryFolder(), durable: false });
};

const serverDsn = async (): Promise<string> => {
  if (givenDsn !== undefined) return givenDsn;
  ownServer ??= startOwnServer();
  return (await ownServer).dsn;
};

export interface TestDatabase {
  readonly dsn: string;
  /** Cuts off whoever is still connected */
  readonly drop: () => Promise<void>;
}

/** A fresh database that no other spec sees: empty, or a copy of one that nobody is connected to. */
export const testDatabase = async (copyOf?: TestDatabase): Promise<TestDatabase> => {
  const name = `spec_${randomUUID().replaceAll('-', '')}`;
  const original = copyOf ? new URL(copyOf.dsn).pathname.slice(1) : 'template1';
  await administer(`CREATE DATABASE ${name} TEMPLATE ${original}`);
  const dsn = new URL(await serverDsn());
  dsn.pathname = name;
  return { dsn: dsn.href, drop: () => administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
};

const keptToTheEnd: TestDatabase[] = [];
/** For a database that specs share: dropped after the last. */
export const keepToTheEnd = (database: TestDatabase): void => void keptToTheEnd.push(database);

/** A connected client that has nothing to do with the service's own, as a user's psql has not. */
export const psqlLike = async (dsn: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: dsn });
  client.on('error', () => {}); // a database that is dropped cuts it off
  await client.connect();
  return client;
};

const administer = async (statement: string): Promise<void> => {
  const client = await psqlLike(await serverDsn());
  await client.query(statement).finally(() => client.end());
};

/** A spec that failed may have left sessions, for which the server, and this process, would go on. */
const CUT_OFF_EVERYBODY = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`;

/** For mocha, which loads this file before any spec. */
export const mochaHooks = {
  async afterAll() {
    for (const { drop } of keptToTheEnd) await drop();
    if (ownServer === undefined) return;
    const { dataFolder, stop } = await ownServer;
    await administer(CUT_OFF_EVERYBODY);
    await stop();
    await rm(dataFolder, { recursive: true });
  },
};
