import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server, and lets the network fail on demand. */
export interface TcpProxy {
  /** The DSN or URL of what it stands before, with its own address in place of the other's */
  readonly through: (url: string) => string;
  /** From now on nothing passes in either direction, and nobody is told: a half-open connection */
  readonly blackhole: () => void;
  /** Ends what is open, with a reset */
  readonly cut: () => void;
  /** Lets new connections pass again; those that were swallowed stay so */
  readonly heal: () => void;
  readonly openCount: () => number;
  readonly close: () => Promise<void>;
}

/** @param listenPort 0 = any free one */
export async function tcpProxy(
  target: { readonly host: string; readonly port: number },
  listenPort = 0,
): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isSwallowing = false;

  const server = createServer(client => {
    const upstream = connect(target.port, target.host);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.on('error', () => {});
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
      if (!isSwallowing) from.pipe(to);
      else from.resume();
    }
  });
  server.listen(listenPort, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    through: text => {
      const url = new URL(text);
      url.hostname = '127.0.0.1';
      url.port = String(port);
      return url.href;
    },
    blackhole: () => {
      isSwallowing = true;
      for (const socket of [...pairs].flat()) {
        socket.unpipe();
        socket.resume(); // read and forgotten
      }
    },
    cut: () => {
      for (const [client] of pairs) client.resetAndDestroy();
    },
    heal: () => {
      isSwallowing = false;
    },
    openCount: () => pairs.size,
    close: async () => {
      for (const [client] of pairs) client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
