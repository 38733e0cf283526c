import { join } from 'node:path';
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts';
import type { BatteredServer } from './server.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

/** One of the workers. Its process can be replaced, and its connections to the database cut. */
export interface Worker {
  /** Its current process */
  readonly process: () => WorkerProcess;
  /** For everything but LISTEN */
  readonly queries: TcpProxy;
  readonly listening: TcpProxy;
  /** Ends the process with `signal` and resolves with its exit code or signal. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | NodeJS.Signals>;
  /** Starts a new process, under a new name, in place of the ended one */
  readonly start: () => void;
  /** Ends the worker for good. */
  readonly close: () => Promise<void>;
}

export interface WorkerSettings {
  /** From 1 on */
  readonly number: number;
  readonly flags: readonly string[];
  /** Receives the history file of each process, for the inspection at the end */
  readonly historyFolder: string;
  /** Where to keep its log; null = nowhere */
  readonly logFolder: string | null;
  /** Called if it ends unasked */
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
