import { realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { startBundledServer } from '../../lib/bundled-postgres/bundled-server.ts';
import { clusterIn } from '../../lib/bundled-postgres/cluster.ts';
import { readPostmaster } from '../../lib/bundled-postgres/postmaster.ts';

/** How a postmaster ends, by the signal that its manual gives for it */
const ENDINGS = { fast: 'SIGINT', immediate: 'SIGQUIT', killed: 'SIGKILL' } as const;
export type Ending = keyof typeof ENDINGS;

/** A PostgreSQL that is there to be mistreated. */
export interface BatteredServer {
  /** Of the server as it runs now; each start takes another port */
  readonly dsn: () => string;
  readonly address: { readonly host: string; readonly port: number };
  /** Resolves once it has ended; at once where it does not run. */
  readonly end: (ending: Ending) => Promise<void>;
  /** Resolves once it takes connections, crash recovery included. */
  readonly start: () => Promise<void>;
}

const POLL_MS = 20;
const NOBODY = 'ESRCH';

/** Starts it with its data in `dataFolder`, which is made. Not safe against power cuts, for speed. */
export async function startBatteredServer(dataFolder: string): Promise<BatteredServer> {
  let dsn = '';
  let isRunning = false; // what its pid file says outlives it, and the number may be another's by then
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
 * Tells whether there was such a process.
 *
 * @param signal 0 only asks
 */
export const sendSignal = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === NOBODY) return false;
    throw error;
  }
};
