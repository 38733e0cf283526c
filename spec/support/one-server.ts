import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { startBundledServer } from '../../lib/bundled-postgres/bundled-server.ts';
import { connectDatabase } from '../../lib/postgres/database.ts';
import { migrate } from '../../lib/postgres/migrate.ts';
import { removeAbandonedFolders, temporaryFolder } from './temporary-folder.ts';

/**
 * The one PostgreSQL of a run, for all of mocha's processes: the server that WEBSITE_MONITOR_TEST_DSN
 * names, else a bundled one. Starts when the first spec asks for it, so a run that needs none pays nothing.
 */
export interface OneServer {
  /** Of a superuser */
  readonly dsn: string;
  /** The name of a migrated database that nobody is connected to: copying it is faster than migrating */
  readonly template: string;
  /** How it copies a database fastest, as a clause of CREATE DATABASE: in PostgreSQL 14 the only way */
  readonly strategy: '' | 'STRATEGY FILE_COPY';
}

const ADDRESS = 'WEBSITE_MONITOR_SPEC_SERVER';

/** Where Node keeps what it has compiled, for mocha's other processes and for those that specs start. */
const COMPILED = join(import.meta.dirname, '../../node_modules/.cache/compiled');

/** Asks mocha's main process for the server. */
export async function oneServer(): Promise<OneServer> {
  const response = await fetch(process.env[ADDRESS] ?? '', { headers: { connection: 'close' } });
  if (!response.ok) throw new Error(`the specs have no PostgreSQL: ${await response.text()}`);
  return (await response.json()) as OneServer;
}

type Started = OneServer & { readonly stop: () => Promise<void> };

let asked: Promise<Started> | undefined;
let listening: Server;

/** For mocha, in its main process, before it starts the others. */
export async function mochaGlobalSetup(): Promise<void> {
  listening = createServer((_, response) => {
    asked ??= start();
    asked.then(
      ({ stop: _, ...server }) => response.end(JSON.stringify(server)),
      error => response.writeHead(500).end(String(error)),
    );
  });
  listening.listen(0, '127.0.0.1');
  listening.unref(); // after a Ctrl-C mocha skips the teardown
  await once(listening, 'listening');
  process.env.NODE_COMPILE_CACHE ??= COMPILED;
  process.env[ADDRESS] = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

/** For mocha, in its main process, after the last file. */
export async function mochaGlobalTeardown(): Promise<void> {
  listening.close();
  await (await asked)?.stop();
}

async function start(): Promise<Started> {
  const { dsn, stop } = await startServer();
  const template = `spec_template_${process.pid}`;
  await administer(dsn, `CREATE DATABASE ${template}`);
  const copied = new URL(dsn);
  copied.pathname = template;
  const database = connectDatabase({ dsn: copied.href, poolSize: 1, applicationName: 'spec' });
  await migrate(database).finally(database.close);
  const [version] = await administer(dsn, 'SHOW server_version_num');
  return {
    dsn,
    template,
    strategy: Number(version?.server_version_num) < 150_000 ? '' : 'STRATEGY FILE_COPY',
    stop: async () => {
      await administer(dsn, `DROP DATABASE ${template} WITH (FORCE)`);
      await stop();
    },
  };
}

async function startServer(): Promise<{ readonly dsn: string; readonly stop: () => Promise<void> }> {
  const given = process.env.WEBSITE_MONITOR_TEST_DSN;
  if (given !== undefined) return { dsn: given, stop: async () => {} };
  await removeAbandonedFolders();
  const { dsn, dataFolder, stop } = await startBundledServer({
    dataFolder: await temporaryFolder(),
    durable: false,
  });
  process.once('SIGINT', () => rmSync(dataFolder, { recursive: true })); // mocha then skips the teardown
  await administer(dsn, ...FAST);
  return {
    dsn,
    stop: async () => {
      await administer(dsn, CUT_OFF_EVERYBODY);
      await stop();
      await rm(dataFolder, { recursive: true });
    },
  };
}

/** Nothing is to survive, and databases come and go faster than they grow. */
const FAST = [
  'ALTER SYSTEM SET synchronous_commit = off',
  'ALTER SYSTEM SET autovacuum = off',
  'ALTER SYSTEM SET checkpoint_timeout = 3600',
  "ALTER SYSTEM SET max_wal_size = '8GB'",
  'SELECT pg_reload_conf()',
];

/** A spec that failed may have left sessions, for which the server would go on. */
const CUT_OFF_EVERYBODY = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`;

/** @returns the rows of the last statement */
async function administer(dsn: string, ...statements: readonly string[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: dsn });
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}
