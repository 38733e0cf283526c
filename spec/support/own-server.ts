import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { usableBinaries } from '../../lib/bundled-postgres/binaries.ts';
import { startBundledServer } from '../../lib/bundled-postgres/bundled-server.ts';
import { clusterIn } from '../../lib/bundled-postgres/cluster.ts';
import { readPostmaster } from '../../lib/bundled-postgres/postmaster.ts';
import { type Account, SERVER_ENVIRONMENT } from '../../lib/bundled-postgres/run.ts';
import { serverAccount } from '../../lib/bundled-postgres/server-account.ts';
import type { TestDatabase } from './postgres.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A PostgreSQL of one spec's own, to be treated badly. */
export interface OwnServer {
  readonly dsn: string;
  /** Its own, which goes with it */
  readonly database: TestDatabase;
  /** Holds all its files */
  readonly folder: string;
  /** Whom its files belong to */
  readonly account: Account;
  /** Comes back once the server takes connections again, on the port that it had. */
  readonly restart: (mode: 'fast' | 'immediate') => Promise<void>;
  /** kill -9, of the postmaster or of another of its processes */
  readonly kill: (pid?: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A killed server's processes need a moment to notice, and to let go of its shared memory. */
const RESTARTS_MAX = 50;
const RESTART_AFTER_MS = 100;

/** @param environment under which a restart runs it */
export async function startOwnServer(environment: Readonly<Record<string, string>> = {}): Promise<OwnServer> {
  const folder = await temporaryFolder();
  const { dsn } = await startBundledServer({ dataFolder: folder, durable: false });
  const cluster = clusterIn(folder);
  const account = await serverAccount(cluster.folder);
  const { pgCtl } = await usableBinaries(folder, account);
  const data = cluster.dataDirectory;
  const control = (action: string, mode: string) =>
    promisify(execFile)(
      pgCtl,
      [action, `--pgdata=${data}`, `--mode=${mode}`, '--wait', `--log=${data}/restarted.log`],
      { ...account, cwd: '/', env: { ...SERVER_ENVIRONMENT, ...environment } },
    );

  return {
    dsn,
    database: { dsn, drop: async () => {} },
    folder,
    account,
    restart: async mode => {
      for (let tries = 1; ; tries += 1) {
        try {
          await control('restart', mode); // with the arguments that it was started with
          return;
        } catch (error) {
          if (tries === RESTARTS_MAX) throw error;
          await delay(RESTART_AFTER_MS);
        }
      }
    },
    kill: async pid => {
      const victim = pid ?? (await readPostmaster(cluster))?.pid;
      if (!victim) throw new Error('there is no such process to kill');
      process.kill(victim, 'SIGKILL');
    },
    close: async () => {
      await control('stop', 'immediate').catch(() => {}); // where a spec has left it down
      await rm(folder, { recursive: true });
    },
  };
}
