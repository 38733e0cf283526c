import { EventEmitter, once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A listening server on loopback that knows its sockets. */
export interface TrackedServer {
  readonly port: number;
  /** Sockets accepted since the start */
  readonly socketsAccepted: () => number;
  readonly socketsOpen: () => number;
  /** Resolves once every socket accepted so far is closed */
  readonly allClosed: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** @param port 0 = any free one */
export async function listenTracked(server: Server, host = '127.0.0.1', port = 0): Promise<TrackedServer> {
  const open = new Set<Socket>();
  const events = new EventEmitter();
  let accepted = 0;

  server.on('connection', (socket: Socket) => {
    accepted++;
    open.add(socket);
    socket.on('error', () => {}); // the other side may reset whenever it likes
    socket.on('close', () => {
      open.delete(socket);
      events.emit('closed');
    });
  });
  server.listen(port, host);
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    socketsAccepted: () => accepted,
    socketsOpen: () => open.size,
    allClosed: async () => {
      while (open.size > 0) await once(events, 'closed');
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
