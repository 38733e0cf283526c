import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

const CHANNEL = 'net.client.socket';

export interface ClientSockets {
  readonly open: () => number;
  /** Also those that have closed since, to any port */
  readonly opened: () => number;
  /** Ends the watching */
  readonly stop: () => void;
}

/** Those of this process's sockets to `port`, opened from now on, that have not been closed. */
export function clientSockets(port: number): ClientSockets {
  const sockets: Socket[] = [];
  const note = (message: unknown): void => {
    sockets.push((message as { socket: Socket }).socket);
  };
  subscribe(CHANNEL, note);
  return {
    open: () => sockets.filter(({ remotePort, closed }) => remotePort === port && !closed).length,
    opened: () => sockets.length,
    stop: () => unsubscribe(CHANNEL, note),
  };
}
