import type { ClientRequest } from 'node:http';
import http from 'node:http';
import type { Socket } from 'node:net';
import { ACCEPT_ENCODING } from '../body/codings.ts';
import type { HopRequest } from './next-hop.ts';

/**
 * Sends a request on an open connection, plain or TLS. Follows no redirects and retries nothing: a retry would hide the
 * outage that we are here to notice.
 *
 * @param keepsAlive asks the server to keep the connection open after the response
 */
export type SendRequest = (request: HopRequest, socket: Socket, keepsAlive: boolean) => ClientRequest;

const HEADER_BYTES_MAX = 64 * 1024;

export function createSendRequest(userAgent: string): SendRequest {
  return ({ url, method, headers, body }, socket, keepsAlive) => {
    const content = method === 'GET' || method === 'HEAD' ? null : body;
    // Node spreads and copies what it is given: every option fewer is CPU saved.
    const request = http.request({
      method,
      path: url.pathname + url.search,
      headers: {
        host: url.host,
        'user-agent': userAgent,
        accept: '*/*',
        'accept-encoding': ACCEPT_ENCODING,
        ...(keepsAlive && KEEP_ALIVE),
        ...(content !== null && { 'content-length': Buffer.byteLength(content) }),
        ...headers, // case-insensitive: a target's own header replaces ours
      },
      auth: userInfoOf(url),
      maxHeaderSize: HEADER_BYTES_MAX,
      createConnection: () => socket,
    });
    request.maxHeadersCount = 0; // Node would drop all after 2,000, perhaps the Location; bytes are the limit
    request.end(content);
    return request;
  };
}

const KEEP_ALIVE = { connection: 'keep-alive' };

/** Undefined if the url has none. A target's own Authorization header goes first. */
const userInfoOf = ({ username, password }: URL): string | undefined =>
  username === '' && password === ''
    ? undefined
    : `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
