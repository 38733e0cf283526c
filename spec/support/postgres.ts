import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type OneServer, oneServer } from './one-server.ts';

export interface TestDatabase {
  readonly dsn: string;
  /** Cuts off whoever is still connected */
  readonly drop: () => Promise<void>;
}

let server: Promise<OneServer> | undefined;
const theServer = (): Promise<OneServer> => {
  server ??= oneServer();
  return server;
};

/** A fresh database that no other spec sees: empty, or with the whole schema. */
export const testDatabase = async (content: 'empty' | 'migrated' = 'empty'): Promise<TestDatabase> => {
  const { dsn: serverDsn, template, strategy } = await theServer();
  const name = `spec_${randomUUID().replaceAll('-', '')}`;
  const original = content === 'empty' ? 'template1' : template;
  await administer(`CREATE DATABASE ${name} TEMPLATE ${original} ${strategy}`);
  const dsn = new URL(serverDsn);
  dsn.pathname = name;
  return { dsn: dsn.href, drop: () => administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
};

/** A connected client that has nothing to do with the service's own, as a user's psql has not. */
export const psqlLike = async (dsn: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: dsn });
  client.on('error', () => {}); // a database that is dropped cuts it off
  await client.connect();
  return client;
};

let administration: pg.Pool | undefined;

/** Over one kept connection, because each new one costs the server a process. It does not keep ours alive. */
const administer = async (statement: string): Promise<void> => {
  administration ??= openAdministration((await theServer()).dsn);
  await administration.query(statement);
};

const openAdministration = (dsn: string): pg.Pool =>
  new pg.Pool({ connectionString: dsn, max: 1, idleTimeoutMillis: 0, allowExitOnIdle: true }).on(
    'error',
    () => {}, // the server cuts it off when it stops
  );
