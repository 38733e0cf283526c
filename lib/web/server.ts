import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { Health } from './health.ts';
import type { Page } from './target-pages.ts';

export interface HttpOptions {
  readonly host: string;
  /** 0 picks a free one */
  readonly port: number;
  readonly registry: Registry;
  readonly live: () => Health;
  readonly ready: () => Health;
  /** Answers `/metrics/targets`. Never rejects. Null switches the path off */
  readonly targets: ((query: URLSearchParams) => Promise<Page>) | null;
}

export interface HttpServer {
  /** With the actual port */
  readonly url: string;
  /** Cuts open connections, so that no client can delay a shutdown. */
  readonly close: () => Promise<void>;
}

/** The server cannot listen on its address. `message` says why and what to do. */
export class HttpAddressError extends Error {
  override readonly name = 'HttpAddressError';
}

const CONNECTIONS_MAX = 100;
const REQUEST_MS_MAX = 10_000;

/**
 * Serves `/metrics`, `/metrics/targets`, `/livez` and `/readyz`. The last two answer 200 or 503 with a reason.
 *
 * @throws HttpAddressError
 */
export async function serveHttp({ host, port, ...served }: HttpOptions): Promise<HttpServer> {
  const server = createServer(answer(served));
  server.maxConnections = CONNECTIONS_MAX;
  server.requestTimeout = REQUEST_MS_MAX;
  server.headersTimeout = REQUEST_MS_MAX;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new HttpAddressError(addressProblem(host, port, (error as NodeJS.ErrnoException).code));
  }
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: urlOf(server.address() as AddressInfo), close };
}

type Served = Omit<HttpOptions, 'host' | 'port'>;

function answer({ registry, live, ready, targets }: Served): RequestListener {
  return ({ method = '', url = '' }, response) => {
    const send = (status: number, body: string, type = 'text/plain; charset=utf-8') =>
      response.writeHead(status, { 'content-type': type }).end(body);
    const sendHealth = ({ isWell, reason }: Health) => send(isWell ? 200 : 503, `${reason}\n`);

    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return send(405, 'use GET or HEAD\n');
    }
    const [path = '', query] = url.split('?', 2);
    switch (path) {
      case '/metrics':
        return registry.metrics().then(
          metrics => send(200, metrics, registry.contentType),
          () => send(500, 'cannot read the metrics\n'),
        );
      case '/metrics/targets':
        if (targets === null)
          return send(404, 'metrics of targets are switched off; see --max-scraped-targets\n');
        return targets(new URLSearchParams(query)).then(page => send(page.status, page.body, page.type));
      case '/livez':
        return sendHealth(live());
      case '/readyz':
        return sendHealth(ready());
      default:
        return send(404, 'not found; try /metrics, /metrics/targets, /livez or /readyz\n');
    }
  };
}

const urlOf = ({ address, family, port }: AddressInfo): string =>
  `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken',
  EACCES: 'this user may not use the port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the host name does not resolve',
};

const addressProblem = (host: string, port: number, code = 'unknown error'): string =>
  `cannot serve metrics and health on ${host} port ${port}: ${REASONS[code] ?? code}; ` +
  'set --http-host and --http-port, or --http-port off';
