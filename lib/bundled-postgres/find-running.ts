import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { BundledServerError } from './bundled-server-error.ts';
import { type Cluster, ROLE } from './cluster.ts';
import { identify } from './identify.ts';
import { isAlive, readPostmaster } from './postmaster.ts';

const POLL_MS = 20;

/**
 * A server listens moments after it locks its data directory; a file without a listener is stale after this
 */
const SILENCE_MAX_MS = 5_000;

/** Recovery after a crash replays up to a gigabyte of log */
const GETTING_READY_MAX_MS = 300_000;

/**
 * Resolves with the DSN of the server that runs on this cluster, or with undefined if there is none. Waits
 * while a server is starting up or shutting down.
 */
export const findRunning = async (cluster: Cluster): Promise<string | undefined> => {
  const startedAtMs = performance.now();
  for (;;) {
    const postmaster = await readPostmaster(cluster);
    if (postmaster === undefined) return undefined;
    const dsn = dsnFor(await readFile(cluster.passwordFile, 'utf8'), postmaster.port);
    const { kind } = await identify(dsn, cluster);
    const waitedMs = performance.now() - startedAtMs;
    if (kind === 'ours') return dsn;
    if (kind === 'somebody-else') return undefined;
    if (kind === 'silent' && (!isAlive(postmaster.pid) || waitedMs > SILENCE_MAX_MS)) return undefined;
    if (waitedMs > GETTING_READY_MAX_MS) {
      throw new BundledServerError(
        `PostgreSQL has refused connections for 5 minutes: see ${cluster.logFile}`,
      );
    }
    await delay(POLL_MS);
  }
};

const dsnFor = (password: string, port: number): string =>
  `postgres://${ROLE}:${password}@127.0.0.1:${port}/postgres?sslmode=disable`;
