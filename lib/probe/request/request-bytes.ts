import { ACCEPT_ENCODING } from '../body/codings.ts';
import type { HopRequest } from './next-hop.ts';

/**
 * Writes a request for an open connection, plain or TLS.
 *
 * @param keepsAlive asks the server to keep the connection open after the response
 */
export function requestBytes(request: HopRequest, userAgent: string, keepsAlive: boolean): Buffer {
  const { url, method } = request;
  const body = method === 'GET' || method === 'HEAD' ? null : request.body;
  const authorization = authorizationOf(url);
  const ours: Readonly<Record<string, string>> = {
    host: url.host,
    'user-agent': userAgent,
    accept: '*/*',
    'accept-encoding': ACCEPT_ENCODING,
    connection: keepsAlive ? 'keep-alive' : 'close',
    ...(body !== null && { 'content-length': String(Buffer.byteLength(body)) }),
    ...(authorization !== null && { authorization }),
  };
  const own = Object.entries(request.headers);
  const ownNames = new Set(own.map(([name]) => name.toLowerCase()));
  const headers = [...Object.entries(ours).filter(([name]) => !ownNames.has(name)), ...own];
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = Buffer.from(`${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines}\r\n`, 'latin1');
  return body === null ? head : Buffer.concat([head, Buffer.from(body)]);
}

/** Null if the url has no user info. A target's own Authorization header replaces it. */
const authorizationOf = ({ username, password }: URL): string | null => {
  if (username === '' && password === '') return null;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
};
