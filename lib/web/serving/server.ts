import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createListener } from 'node:net';
import type { Page } from '../page.ts';
import { boundConnections, type ConnectionBounds, type Turn } from './connections.ts';

/** Answers a path. */
export type Route = (query: URLSearchParams) => Page | Promise<Page>;

export interface ServerOptions extends Partial<ConnectionBounds> {
  readonly host: string;
  /** 0 picks a free one */
  readonly port: number;
  /** By path */
  readonly routes: ReadonlyMap<string, Route>;
}

export interface Server {
  /** With the actual port */
  readonly url: string;
  /** Cuts open connections, so that no client can delay it. */
  readonly close: () => Promise<void>;
}

const BOUNDS: ConnectionBounds = {
  connectionsMax: 100,
  pipelinedMax: 10,
  requestsMax: 1_000,
  patienceMs: 10_000,
};

/** Clients hear of a shorter keep-alive, so that none sends a request into the closing. */
const ANNOUNCED_SOONER_MS = 1_000;

const HEAD_BYTES_MAX = 8_192;

/** Of all responses that clients have not taken yet: pages of targets reach 20 MB. */
const UNDELIVERED_CHARACTERS_MAX = 50_000_000;

/**
 * Serves pages over HTTP to clients that are trusted with nothing: connections, requests and what they have
 * not taken yet are bounded, and one connection has one response at a time.
 *
 * Does not know of checking, so a server without checking serves routes of its own.
 *
 * @throws what `server.listen` emits
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { host, port, routes, ...given } = options;
  const bounds = { ...BOUNDS, ...given };
  const parser = createServer({
    maxHeaderSize: HEAD_BYTES_MAX,
    keepAliveTimeout: Math.max(0, bounds.patienceMs - ANNOUNCED_SOONER_MS),
  });
  const { open, takeTurn, cutAll } = boundConnections(bounds);
  const answer = answerer(routes);
  parser.on('request', (request, response) =>
    takeTurn(request.socket, turn => answer(request, response, turn)),
  );
  const listener = createListener(LISTENER, socket => parser.emit('connection', open(socket)));
  listener.listen({ port, host, backlog: BACKLOG });
  await once(listener, 'listening');
  const close = async (): Promise<void> => {
    const closed = once(listener, 'close');
    listener.close();
    cutAll();
    await closed;
  };
  return { url: urlOf(listener.address() as AddressInfo), close };
}

/** A full queue of the system drops connections: their clients would come back only after a second. */
const BACKLOG = 4_096;

/** As `http.Server` has it, but reads no more in advance than it must. */
const LISTENER = { allowHalfOpen: true, noDelay: true, highWaterMark: 1 };

function answerer(routes: ServerOptions['routes']) {
  let undeliveredCharacters = 0;
  return async (request: IncomingMessage, response: ServerResponse, turn: Turn): Promise<void> => {
    const page = await pageFor(routes, request);
    if (response.destroyed) return;
    const isTooMuch =
      undeliveredCharacters > 0 && undeliveredCharacters + page.body.length > UNDELIVERED_CHARACTERS_MAX;
    const { status, body, type = 'text/plain; charset=utf-8' } = isTooMuch ? BUSY : page;
    undeliveredCharacters += body.length;
    turn.delivering();
    response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      ...(status === 405 && { allow: 'GET, HEAD' }),
      ...((turn.isLast || hasBody(request)) && { connection: 'close' }), // a body would be read to its end
    });
    await delivered(response.end(body));
    undeliveredCharacters -= body.length;
  };
}

const BUSY: Page = { status: 503, body: 'other clients have not taken their responses yet; try again\n' };

const hasBody = ({ headers }: IncomingMessage): boolean =>
  'transfer-encoding' in headers || (headers['content-length'] ?? '0') !== '0';

/** Resolves when the system has taken the response, or the client is gone. */
const delivered = (response: ServerResponse): Promise<void> =>
  new Promise(resolve => response.once('finish', resolve).once('close', resolve));

async function pageFor(
  routes: ServerOptions['routes'],
  { method, url = '' }: IncomingMessage,
): Promise<Page> {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: 'use GET or HEAD\n' };
  const [path = '', query] = url.split('?', 2);
  const route = routes.get(path);
  if (!route) return { status: 404, body: `not found; try ${[...routes.keys()].join(', ')}\n` };
  try {
    return await route(new URLSearchParams(query));
  } catch {
    return { status: 500, body: 'cannot answer\n' };
  }
}

const urlOf = ({ address, family, port }: AddressInfo): string =>
  `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
