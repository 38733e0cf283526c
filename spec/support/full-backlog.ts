import { once } from 'node:events';
import net from 'node:net';
import { Worker } from 'node:worker_threads';

/** An address at which connecting neither succeeds nor fails. */
export interface FullBacklog {
  readonly port: number;
  /** Accepts again, some time after `ms`: the next SYN is sent a second after the first */
  readonly acceptAfter: (ms: number) => void;
  readonly close: () => Promise<void>;
}

/** A listener whose thread sleeps instead of accepting, with its queue of connections filled up. */
export async function startFullBacklog(host: string, port = 0): Promise<FullBacklog> {
  const asleep = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(LISTENER, { eval: true, workerData: { host, port, asleep } });
  const [listeningPort] = (await once(worker, 'message')) as [number];

  const fillers = Array.from({ length: 2 }, () => net.connect(listeningPort, host).on('error', () => {}));
  await Promise.all(fillers.map(filler => once(filler, 'connect')));
  const wake = (): void => {
    Atomics.store(asleep, 0, 1);
    Atomics.notify(asleep, 0);
  };
  return {
    port: listeningPort,
    acceptAfter: ms => void setTimeout(wake, ms),
    close: async () => {
      for (const filler of fillers) filler.destroy();
      wake();
      await worker.terminate();
    },
  };
}

const LISTENER = `
  const { parentPort, workerData: { host, port, asleep } } = require('node:worker_threads');
  const respond = socket => socket.on('error', () => {})
    .once('data', () => socket.end('HTTP/1.1 200 OK\\r\\nContent-Length: 4\\r\\n\\r\\nslow'));
  const server = require('node:net').createServer(respond);
  server.listen({ host, port, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(asleep, 0, 0));
  });
`;
