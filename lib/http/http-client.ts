import type { ClientRequest } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Request } from 'got';
import got from 'got';
import { ACCEPT_ENCODING } from './decompress.ts';
import type { HopRequest } from './next-hop.ts';
import type { PhaseClock } from './phase-clock.ts';

/** Opens a stream for one request on a connection that stands: no retry, no redirect, no decompression. */
export type HttpClient = (request: HopRequest, socket: Socket, clock: PhaseClock) => Request;

const HEADER_BYTES_MAX = 64 * 1024;

/** Responses that only announce another (status 1xx) before a server is not listened to any more. */
const ANNOUNCEMENTS_MAX = 100;

export function createHttpClient(userAgent: string): HttpClient {
  const client = got.extend({
    headers: { 'user-agent': userAgent, accept: '*/*', 'accept-encoding': ACCEPT_ENCODING },
    maxHeaderSize: HEADER_BYTES_MAX,
    retry: { limit: 0 }, // a retry would hide the outage we are here to notice
    followRedirect: false, // got would leave the first response streaming on
    throwHttpErrors: false,
    decompress: false, // ours stops at the cap
  });

  return ({ url, method, headers, body }, socket, clock) =>
    client.stream(url, {
      method,
      headers,
      // An empty body, for got otherwise waits for somebody to write one.
      ...(method === 'GET' || method === 'HEAD' ? {} : { body: body ?? '' }),
      request: (sentUrl, options, onResponse) => {
        const send = url.protocol === 'https:' ? https.request : http.request;
        clock.enter('ttfb');
        // Without an agent the connection is closed after its one response.
        const request = send(
          sentUrl,
          { ...options, agent: undefined, createConnection: () => socket },
          onResponse,
        );
        boundAnnouncements(request, socket);
        // Before the parser's own listener, so that the phase has turned when its events arrive.
        socket.prependOnceListener('data', () => clock.enter('transfer'));
        return request;
      },
    });
}

/** A flood of them ends at the deadline all the same, and costs us nothing until then. */
function boundAnnouncements(request: ClientRequest, socket: Socket): void {
  let announcements = 0;
  request.on('information', () => {
    announcements += 1;
    if (announcements > ANNOUNCEMENTS_MAX) socket.pause();
  });
}
