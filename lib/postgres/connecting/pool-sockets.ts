import { Socket } from 'node:net';

export interface PoolSockets {
  /** For the pool: a socket for its next connection */
  readonly create: () => Socket;
  /** Resolves once those open now have closed */
  readonly allClosed: () => Promise<void>;
  readonly destroyAll: () => void;
}

/**
 * Keeps hold of a pool's sockets until they have closed.
 *
 * The pool forgets a connection as soon as it has said goodbye. A server that is stalled never answers that, and
 * its half-closed socket would keep the process alive for as long as the server stands still.
 */
export function createPoolSockets(): PoolSockets {
  const open = new Set<Socket>();
  return {
    create: () => {
      const socket = new Socket();
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      return socket;
    },
    allClosed: async () => {
      await Promise.all([...open].map(socket => new Promise(resolve => socket.once('close', resolve))));
    },
    destroyAll: () => {
      for (const socket of open) socket.destroy();
    },
  };
}
