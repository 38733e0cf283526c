import { join } from 'node:path';
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts';
import type { BatteredServer } from './server.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

/** One of the workers: its process may be replaced, and its ways to the database be cut. */
export interface Worker {
  /** Its process at present */
  readonly process: () => WorkerProcess;
  /** For whatever but LISTEN */
  readonly queries: TcpProxy;
  readonly listening: TcpProxy;
  /** Ends the process by `signal` and resolves with what it ended with. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | NodeJS.Signals>;
  /** A new process, under a new name, in place of the one that was ended */
  readonly start: () => void;
  /** Ends it for good. */
  readonly close: () => Promise<void>;
}

export interface WorkerSettings {
  /** From 1 on */
  readonly number: number;
  readonly flags: readonly string[];
  /** Gets the history of each of its processes, for the inspection at the end */
  readonly historyFolder: string;
  /** Where to keep its log; null = nowhere */
  readonly logFolder: string | null;
  /** It ended, and nobody had asked it to */
  readonly onDesertion: (told: string) => unknown;
}

export async function startWorker(server: BatteredServer, settings: WorkerSettings): Promise<Worker> {
  const { number, flags, historyFolder, logFolder, onDesertion } = settings;
  const queries = await tcpProxy(server.address);
  const listening = await tcpProxy(server.address);
  const askedToEnd = new WeakSet<WorkerProcess>();
  let starts = 0;

  const startProcess = (): WorkerProcess => {
    starts += 1;
    const name = `worker-${number}${starts > 1 ? `.${starts}` : ''}`;
    const started = startWorkerProcess({
      name,
      dsn: queries.through(server.dsn()),
      listenDsn: listening.through(server.dsn()),
      flags: [...flags, `--history-file=${join(historyFolder, name)}`],
      logFile: logFolder && join(logFolder, `${name}.log`),
    });
    started.ended.then(how => {
      if (!askedToEnd.has(started))
        onDesertion(`${name} exited by itself with ${how}:\n${started.lastLines().join('\n')}`);
    });
    return started;
  };
  let current = startProcess();

  const end = (signal: NodeJS.Signals): Promise<number | NodeJS.Signals> => {
    askedToEnd.add(current);
    current.signal(signal);
    return current.ended;
  };
  return {
    process: () => current,
    queries,
    listening,
    end,
    start: () => {
      current = startProcess();
    },
    close: async () => {
      await end('SIGKILL');
      await Promise.all([queries.close(), listening.close()]);
    },
  };
}
