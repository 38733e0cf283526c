import type { ClientRequest } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import tls from 'node:tls';
import type { Request } from 'got';
import got from 'got';
import { ACCEPT_ENCODING } from './decompress.ts';
import type { HopRequest } from './next-hop.ts';
import type { PhaseClock } from './phase-clock.ts';
import type { Address } from './resolution.ts';

export interface HttpClientSettings {
  readonly userAgent: string;
  /** Authorities in PEM to trust instead of Node's own; undefined = Node's */
  readonly ca: string | undefined;
}

/** How one hop is to be connected and measured. */
export interface Dial {
  readonly addresses: readonly Address[];
  /** How long to wait for one address before the next is tried */
  readonly attemptMs: number;
  readonly clock: PhaseClock;
}

/** Opens a stream for one request: a new connection, no retry, no redirect, no decompression. */
export type HttpClient = (request: HopRequest, dial: Dial) => Request;

const HEADER_BYTES_MAX = 64 * 1024;

export function createHttpClient({ userAgent, ca }: HttpClientSettings): HttpClient {
  const client = got.extend({
    headers: { 'user-agent': userAgent, accept: '*/*', 'accept-encoding': ACCEPT_ENCODING },
    agent: {
      // A connection kept alive would hide faults of DNS, TLS and load balancers from the next check.
      http: new http.Agent({ keepAlive: false }),
      https: new https.Agent({
        keepAlive: false,
        maxCachedSessions: 0, // a resumed session shows no certificate
        secureContext: tls.createSecureContext(ca === undefined ? {} : { ca }), // else one per connection
      }),
    },
    maxHeaderSize: HEADER_BYTES_MAX,
    retry: { limit: 0 }, // a retry would hide the outage we are here to notice
    followRedirect: false, // got would leave the first response streaming on
    throwHttpErrors: false,
    decompress: false, // ours stops at the cap
  });

  return ({ url, method, headers }, dial) =>
    client.stream(url, {
      method,
      headers,
      // An empty body, for got otherwise waits for somebody to write one.
      ...(method === 'GET' || method === 'HEAD' ? {} : { body: '' }),
      request: (sentUrl, options, onResponse) => {
        const isTls = url.protocol === 'https:';
        const send = isTls ? https.request : http.request;
        dial.clock.enter('connect');
        const request = send(sentUrl, { ...options, ...connectionOptions(dial) }, onResponse);
        followPhases(request, isTls, dial.clock);
        return request;
      },
    });
}

/** What `net` takes and the types of `http` do not tell. */
function connectionOptions({ addresses, attemptMs }: Dial) {
  // The addresses are known; a tick late all the same, for nobody listens for errors before.
  const lookup: LookupFunction = (_hostname, _options, onAddresses) =>
    process.nextTick(() => onAddresses(null, [...addresses]));
  return { lookup, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: attemptMs };
}

function followPhases(request: ClientRequest, isTls: boolean, clock: PhaseClock): void {
  request.once('socket', socket => {
    socket.once('connect', () => clock.enter(isTls ? 'tls' : 'ttfb'));
    socket.once('secureConnect', () => clock.enter('ttfb'));
    // Before the parser's own listener, so that the phase has turned when its events arrive.
    socket.prependOnceListener('data', () => clock.enter('transfer'));
  });
}
