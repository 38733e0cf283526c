import type { Socket } from 'node:net';

/**
 * Destroys `socket` when `stop` fires. Every fetch fires `stop` at its end, so it leaves no socket behind, even if a bug
 * of ours ended it. With TLS over a plain socket, pass the TLS socket: Node 24.21 crashes if the plain one goes first.
 *
 * @returns a function that cancels this, for a connection that is kept or gets a TLS socket on top
 */
export function closeAtStop(socket: Socket, stop: AbortSignal): () => void {
  const close = (): void => void socket.destroy();
  const cancel = (): void => {
    stop.removeEventListener('abort', close);
    socket.off('close', cancel);
  };
  stop.addEventListener('abort', close);
  socket.once('close', cancel);
  return cancel;
}
