import { realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { startBundledServer } from '../../lib/bundled-postgres/bundled-server.ts';
import { clusterIn } from '../../lib/bundled-postgres/cluster.ts';
import { readPostmaster } from '../../lib/bundled-postgres/postmaster.ts';

/** The signal for each way to stop a postmaster, from its manual */
const ENDINGS = { fast: 'SIGINT', immediate: 'SIGQUIT', killed: 'SIGKILL' } as const;
export type Ending = keyof typeof ENDINGS;

/** A PostgreSQL server to inject faults into. */
export interface BatteredServer {
  /** Of the running server; each start takes another port */
  readonly dsn: () => string;
  readonly address: { readonly host: string; readonly port: number };
  /** Resolves once it has ended; at once if it does not run. */
  readonly end: (ending: Ending) => Promise<void>;
  /** Resolves once it accepts connections, after crash recovery. */
  readonly start: () => Promise<void>;
}

const POLL_MS = 20;
const NOBODY = 'ESRCH';

/** Creates `dataFolder` and starts the server on it. For speed, its data does not survive a power cut. */
export async function startBatteredServer(dataFolder: string): Promise<BatteredServer> {
  let dsn = '';
  let isRunning = false; // its pid file outlives it, and another process may have the number by then
  const start = async (): Promise<void> => {
    ({ dsn } = await startBundledServer({ dataFolder, durable: false }));
    isRunning = true;
  };
  await start();
  const cluster = clusterIn(await realpath(dataFolder));

  const end = async (ending: Ending): Promise<void> => {
    const pid = (await readPostmaster(cluster))?.pid;
    if (pid === undefined || !isRunning) return;
    let isGone = !sendSignal(pid, ENDINGS[ending]);
    while (!isGone) {
      await delay(POLL_MS);
      isGone = !sendSignal(pid, 0);
    }
    isRunning = false;
  };
  return {
    dsn: () => dsn,
    address: {
      host: '127.0.0.1',
      get port() {
        return Number(new URL(dsn).port);
      },
    },
    end,
    start,
  };
}

/**
 * Returns whether the process existed.
 *
 * @param signal 0 only tests
 */
export const sendSignal = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === NOBODY) return false;
    throw error;
  }
};
