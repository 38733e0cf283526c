import type { ClientRequest } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Request } from 'got';
import got from 'got';
import type { PhaseClock } from '../../net/timing/phase-clock.ts';
import { ACCEPT_ENCODING } from '../body/decompress.ts';
import { forbidsBody } from '../response-head.ts';
import type { HopRequest } from './next-hop.ts';

/** Opens a stream for one request on a connection that stands: no retry, no redirect, no decompression. */
export type HttpClient = (request: HopRequest, socket: Socket, clock: PhaseClock, keeps: boolean) => Request;

const HEADER_BYTES_MAX = 64 * 1024;

export function createHttpClient(userAgent: string): HttpClient {
  const client = got.extend({
    headers: { 'user-agent': userAgent, accept: '*/*', 'accept-encoding': ACCEPT_ENCODING },
    maxHeaderSize: HEADER_BYTES_MAX,
    retry: { limit: 0 }, // a retry would hide the outage we are here to notice
    followRedirect: false, // got would leave the first response streaming on
    throwHttpErrors: false,
    decompress: false, // ours stops at the cap
  });

  return ({ url, method, headers, body }, socket, clock, keeps) =>
    client.stream(url, {
      method,
      headers: keeps ? { connection: 'keep-alive', ...headers } : headers,
      // An empty body, for got otherwise waits for somebody to write one.
      ...(method === 'GET' || method === 'HEAD' ? {} : { body: body ?? '' }),
      request: (sentUrl, { headers, maxHeaderSize }, onResponse) => {
        const send = url.protocol === 'https:' ? https.request : http.request;
        clock.enter('ttfb');
        // Of got's thirty options these are ours, the others say how to connect. Without an agent the
        // connection is closed after its one response, unless a header asks for more.
        const request = send(
          sentUrl,
          { method, headers, maxHeaderSize, createConnection: () => socket },
          onResponse,
        );
        request.maxHeadersCount = 0; // Node would drop all past 2000, a Location among them: bytes are the limit
        ignoreWhatFollows(request);
        // Before the parser's own listener, so that the phase has turned when its events arrive.
        socket.prependOnceListener('data', () => clock.enter('transfer'));
        return request;
      },
    });
}

/**
 * A response that is whole stays so, whatever comes after it: more bytes than it announced, another
 * response, a reset. Else it would depend on how packets are cut whether that is noticed before we close.
 */
function ignoreWhatFollows(request: ClientRequest): void {
  let isWhole = (): boolean => false;
  request.once('response', response => {
    isWhole = () => response.complete && !forbidsBody(response.statusCode ?? 0);
  });
  const emit = request.emit.bind(request);
  request.emit = (event: string, ...values: unknown[]) =>
    event === 'error' && isWhole() ? true : emit(event, ...values);
}
