import { EventEmitter, once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import net from 'node:net';
import type { Identity } from './certificates.ts';
import type { TrackedServer } from './tracked-server.ts';
import { listenTracked } from './tracked-server.ts';

/** What the website does with one request. */
export type Act = (request: IncomingMessage, response: ServerResponse) => void;

export interface SeenRequest {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export interface ScriptedWebsite extends TrackedServer {
  /** Such as `http://127.0.0.1:40123` */
  readonly origin: string;
  readonly requests: readonly SeenRequest[];
  readonly nextRequest: () => Promise<unknown>;
}

export interface Script {
  /** What to do for which path, `*` for any other; status 404 where nothing fits */
  readonly acts: Readonly<Record<string, Act>>;
  /** Speaks HTTPS, as this identity */
  readonly identity?: Identity;
  readonly port?: number;
}

/** A real website on loopback that does what its script says, and remembers what it was asked. */
export async function startScriptedWebsite({ acts, identity, port }: Script): Promise<ScriptedWebsite> {
  const requests: SeenRequest[] = [];
  const events = new EventEmitter();
  const onRequest: Act = (request, response) => {
    requests.push({ method: request.method, path: request.url, headers: request.headers });
    const act = acts[request.url ?? ''] ?? acts['*'] ?? respond({ status: 404 });
    act(request, response);
    events.emit('request');
  };
  const server =
    identity === undefined ? http.createServer(onRequest) : https.createServer(identity, onRequest);
  const tracked = await listenTracked(server, '127.0.0.1', port);
  const scheme = identity === undefined ? 'http' : 'https';
  return {
    ...tracked,
    origin: `${scheme}://127.0.0.1:${tracked.port}`,
    requests,
    nextRequest: () => once(events, 'request'),
  };
}

/** A server that speaks nothing unless `onSocket` does; it reads all the same, to notice the end. */
export const startRawServer = (onSocket: (socket: Socket) => void): Promise<TrackedServer> =>
  listenTracked(net.createServer(socket => onSocket(socket.resume())));

export const respond =
  ({
    status = 200,
    headers = {},
    body = '',
  }: {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Uint8Array;
  } = {}): Act =>
  (_request, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };

export const redirectTo = (location: string, status = 302): Act => respond({ status, headers: { location } });

/** Sends `bytes` on the connection as they are, and nothing more; the connection stays open. */
export const sendRaw =
  (bytes: string | Uint8Array): Act =>
  request => {
    request.socket.write(bytes);
  };

/** Sends `bytes` on the connection as they are, then ends it. */
export const sendRawAndEnd =
  (bytes: string | Uint8Array): Act =>
  request => {
    request.socket.end(bytes);
  };

/** Sends `piece` again and again, as fast as it is taken or every `everyMs`, after `head` as it is. */
export const sendEndlessly =
  (head: string, piece: string | Uint8Array, everyMs = 0): Act =>
  ({ socket }) => {
    socket.write(head);
    if (everyMs > 0) {
      const timer = setInterval(() => socket.write(piece), everyMs);
      socket.once('close', () => clearInterval(timer));
      return;
    }
    const send = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', send);
    send();
  };

export const hang: Act = () => {};

export const reset: Act = request => {
  request.socket.resetAndDestroy();
};

export const afterMs =
  (delayMs: number, act: Act): Act =>
  (request, response) => {
    const timer = setTimeout(act, delayMs, request, response);
    request.socket.once('close', () => clearTimeout(timer));
  };
