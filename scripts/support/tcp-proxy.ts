import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy between client and server that simulates network faults on demand. */
export interface TcpProxy {
  /** The server's DSN or URL, with the proxy's address */
  readonly through: (url: string) => string;
  /**
   * From now on nothing passes in either direction, not even the end of a connection: connections are
   * half-open
   */
  readonly blackhole: () => void;
  /** Resets open connections */
  readonly cut: () => void;
  /** Lets the server's next `bytes` bytes pass, then resets the connection that they came on; once. */
  readonly cutAfter: (bytes: number) => void;
  /** Lets new connections pass again; half-open ones stay so until one side ends them */
  readonly heal: () => void;
  /** Number of client connections that the client has not ended */
  readonly openCount: () => number;
  readonly close: () => Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  isSwallowed: boolean;
}

/** @param listenPort 0 = any free port */
export async function tcpProxy(
  target: { readonly host: string; readonly port: number },
  listenPort = 0,
): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let isSwallowing = false;
  let bytesBeforeCut = Number.POSITIVE_INFINITY;

  /** What passes of a chunk from the server; what follows is lost with the connection. */
  const passing = (chunk: Buffer, { client }: Pair): Buffer => {
    const passed = chunk.subarray(0, Math.min(chunk.length, bytesBeforeCut));
    bytesBeforeCut -= chunk.length;
    if (bytesBeforeCut > 0) return passed;
    bytesBeforeCut = Number.POSITIVE_INFINITY;
    setImmediate(() => client.resetAndDestroy()); // after the write
    return passed;
  };

  const listener = createServer({ allowHalfOpen: true }, client => {
    const server = connect({ port: target.port, host: target.host, allowHalfOpen: true });
    const pair: Pair = { client, server, isSwallowed: isSwallowing };
    pairs.add(pair);
    client.on('data', chunk => pair.isSwallowed || server.write(chunk));
    server.on('data', chunk => pair.isSwallowed || client.write(passing(chunk, pair)));
    for (const [from, to] of [[client, server] as const, [server, client] as const]) {
      from.on('error', () => {});
      from.on('end', () => pair.isSwallowed || to.end());
      from.on('close', () => {
        if (isSwallowing && !to.destroyed) return;
        pairs.delete(pair);
        to.destroy();
      });
    }
  });
  listener.listen(listenPort, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;

  return {
    through: text => {
      const url = new URL(text);
      url.hostname = '127.0.0.1';
      url.port = String(port);
      return url.href;
    },
    blackhole: () => {
      isSwallowing = true;
      for (const pair of pairs) pair.isSwallowed = true;
    },
    cut: () => {
      for (const { client } of pairs) client.resetAndDestroy();
    },
    cutAfter: bytes => {
      bytesBeforeCut = bytes;
    },
    heal: () => {
      isSwallowing = false;
      for (const { client, server } of pairs) {
        if (hasEnded(client)) server.destroy();
        if (hasEnded(server)) client.destroy();
      }
    },
    openCount: () => [...pairs].filter(({ client }) => !hasEnded(client)).length,
    close: async () => {
      const closed = once(listener, 'close');
      listener.close();
      for (const { client, server } of pairs) {
        client.destroy();
        server.destroy();
      }
      await closed;
    },
  };
}

const hasEnded = ({ destroyed, readableEnded }: Socket): boolean => destroyed || readableEnded;

/** A proxy for the server of a DSN. */
export const proxyBefore = (dsn: string): Promise<TcpProxy> => {
  const { hostname, port } = new URL(dsn);
  return tcpProxy({ host: hostname, port: Number(port || 5432) });
};
