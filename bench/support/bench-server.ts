import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { z } from 'zod';
import { startEmbeddedServer } from '../../lib/postgres/embedded-server.ts';

/** The flag by which every benchmark can be pointed at another server. */
export const dsnFlag = {
  dsn: { rule: z.string(), fallback: '', meaning: 'of a superuser; empty = an embedded server of its own' },
};

/** A PostgreSQL to measure on. */
export interface BenchServer {
  /** A fresh, empty database; its DSN. */
  readonly createDatabase: () => Promise<string>;
  /** Drops what was made, and the server with it where it was the benchmark's own. */
  readonly close: () => Promise<void>;
}

export async function openBenchServer(dsn: string): Promise<BenchServer> {
  const server = dsn === '' ? await startOwn() : { dsn, close: async () => {} };
  const names: string[] = [];
  return {
    createDatabase: async () => {
      const name = `bench_${randomUUID().replaceAll('-', '')}`;
      await send(server.dsn, `CREATE DATABASE ${name}`);
      names.push(name);
      const url = new URL(server.dsn);
      url.pathname = name;
      return url.href;
    },
    close: async () => {
      for (const name of names) await send(server.dsn, `DROP DATABASE ${name} WITH (FORCE)`);
      await server.close();
    },
  };
}

/** Durable, as in earnest: what is not flushed costs less. */
async function startOwn() {
  const dataFolder = join(tmpdir(), `website-monitor-bench-${process.pid}`);
  const { dsn, stop } = await startEmbeddedServer({ dataFolder });
  return {
    dsn,
    close: async () => {
      await stop();
      await rm(dataFolder, { recursive: true });
    },
  };
}

async function send(dsn: string, statement: string): Promise<void> {
  const client = await connect(dsn);
  await client.query(statement).finally(() => client.end());
}

/** A session of the benchmark's own, beside those of what it measures. */
export const connect = async (dsn: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: dsn });
  await client.connect();
  return client;
};
