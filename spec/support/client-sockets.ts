import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

const CHANNEL = 'net.client.socket';

/** Those of this process's sockets to `port`, opened from now on, that have not been closed. */
export function clientSockets(port: number): { readonly open: () => number; readonly stop: () => void } {
  const sockets: Socket[] = [];
  const note = (message: unknown): void => {
    sockets.push((message as { socket: Socket }).socket);
  };
  subscribe(CHANNEL, note);
  return {
    open: () => sockets.filter(({ remotePort, closed }) => remotePort === port && !closed).length,
    stop: () => unsubscribe(CHANNEL, note),
  };
}
