import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { z } from 'zod';
import { startBundledServer } from '../../lib/bundled-postgres/bundled-server.ts';
import { connectDatabase } from '../../lib/postgres/database.ts';
import { prepareDatabase } from '../../lib/postgres/prepare-database.ts';

/** The flag that points a benchmark at another server. */
export const dsnFlag = {
  dsn: {
    rule: z.string(),
    fallback: '',
    meaning: 'DSN of a superuser; empty = starts its own bundled server',
  },
};

/** A PostgreSQL to measure on. */
export interface BenchServer {
  /** Creates a database with the whole schema, and resolves with its DSN. */
  readonly createDatabase: () => Promise<string>;
}

/** Afterwards drops the databases that it created, and the server if it is its own. */
export async function onBenchServer(dsn: string, measure: (server: BenchServer) => Promise<void>) {
  const server = dsn === '' ? await startOwn() : { dsn, stop: async () => {} };
  const names: string[] = [];
  const createDatabase = async (): Promise<string> => {
    const name = `bench_${randomUUID().replaceAll('-', '')}`;
    await send(server.dsn, `CREATE DATABASE ${name}`);
    names.push(name);
    const url = new URL(server.dsn);
    url.pathname = name;
    await migrateAt(url.href);
    return url.href;
  };
  try {
    console.log(await machineLine(server.dsn));
    await measure({ createDatabase });
  } finally {
    for (const name of names) await send(server.dsn, `DROP DATABASE ${name} WITH (FORCE)`);
    await server.stop();
  }
}

/** Durable, as in production: without flushing, commits would cost less. */
async function startOwn() {
  const dataFolder = join(tmpdir(), `website-monitor-bench-${process.pid}`);
  const { dsn, stop } = await startBundledServer({ dataFolder });
  return {
    dsn,
    stop: async () => {
      await stop();
      await rm(dataFolder, { recursive: true });
    },
  };
}

async function migrateAt(dsn: string): Promise<void> {
  const database = connectDatabase({ dsn, poolSize: 1, applicationName: 'bench' });
  await prepareDatabase(database, { migrate: true, onWaiting: () => {} }).finally(database.close);
}

/** Describes the machine that the figures come from. */
async function machineLine(dsn: string): Promise<string> {
  const client = await connect(dsn);
  const { rows } = await client.query('SHOW server_version');
  await client.end();
  return [
    `${os.availableParallelism()} × ${os.cpus()[0]?.model ?? 'unknown processor'}`,
    `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    `Node ${process.versions.node}`,
    `PostgreSQL ${rows[0].server_version}`,
    `load ${os.loadavg()[0]?.toFixed(2)} before`,
  ].join(', ');
}

async function send(dsn: string, statement: string): Promise<void> {
  const client = await connect(dsn);
  await client.query(statement).finally(() => client.end());
}

/** A session of the benchmark itself, separate from the measured ones. */
export const connect = async (dsn: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: dsn });
  client.on('error', () => {}); // after a failure its database is dropped while it is connected
  await client.connect();
  return client;
};
