import type { Socket } from 'node:net';

/**
 * Every fetch fires `stop` at its end: so none leaves a socket, not even one that a bug of ours has ended. Of two
 * sockets, one over the other, it must be the upper: where the lower one went first, Node 24.21 crashed.
 *
 * @returns takes that back: for another socket over this one, or for a connection that is kept
 */
export function closeAtStop(socket: Socket, stop: AbortSignal): () => void {
  const close = (): void => void socket.destroy();
  const takeBack = (): void => {
    stop.removeEventListener('abort', close);
    socket.off('close', takeBack);
  };
  stop.addEventListener('abort', close);
  socket.once('close', takeBack);
  return takeBack;
}
