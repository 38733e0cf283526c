import type { Method } from '../../domain/target/target.ts';
import { parseWebUrl } from './web-url.ts';

/** One request of a fetch: the target's own, or the next one after a redirect. */
export interface HopRequest {
  readonly url: URL;
  readonly method: Method;
  /** The target's own headers; empty once a redirect has left the target's origin */
  readonly headers: Readonly<Record<string, string>>;
  /** Null: no body */
  readonly body: string | null;
}

export type NextHop =
  | { readonly kind: 'none' }
  | { readonly kind: 'hop'; readonly request: HopRequest }
  | { readonly kind: 'invalid'; readonly detail: string };

export type Redirect = Exclude<NextHop, { kind: 'none' }>;

const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** The longest request line that most web servers accept. Parsing a host name of 60 KB would take long. */
const LOCATION_BYTES_MAX = 8192;

/**
 * Returns the request that a response redirects to, if it redirects and we may follow.
 *
 * Changes methods as browsers do (https://fetch.spec.whatwg.org/#http-redirect-fetch). Sends the target's headers and
 * body to its own origin only, and not again when a later hop returns to it. Drops user info in a `Location`: a server
 * must not choose our credentials.
 */
export function nextHop(request: HopRequest, status: number, location: string | undefined): NextHop {
  if (!REDIRECT_STATUSES.has(status) || !location) return { kind: 'none' };
  if (location.length > LOCATION_BYTES_MAX) {
    return { kind: 'invalid', detail: `status ${status} to a url of ${location.length} bytes` };
  }
  const to = parseWebUrl(asUtf8(location), request.url);
  if (to.kind === 'invalid') return { kind: 'invalid', detail: `status ${status} to ${to.detail}` };

  const { url } = to;
  const isSameOrigin = url.origin === request.url.origin;
  const method = redirectedMethod(request.method, status);
  const body = method === request.method ? request.body : null;
  if (body !== null && !isSameOrigin) {
    return { kind: 'invalid', detail: `status ${status} would send the request’s body to ${url.origin}` };
  }
  url.username = isSameOrigin ? request.url.username : '';
  url.password = isSameOrigin ? request.url.password : '';
  const own = isSameOrigin ? request.headers : {};
  const headers = body === request.body ? own : withoutContentHeaders(own);
  return { kind: 'hop', request: { url, method, headers, body } };
}

const withoutContentHeaders = (headers: HopRequest['headers']): HopRequest['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !/^content-/i.test(name)));

function redirectedMethod(method: Method, status: number): Method {
  if (status === 303) return method === 'HEAD' ? 'HEAD' : 'GET';
  return method === 'POST' && (status === 301 || status === 302) ? 'GET' : method;
}

/** Node reads header bytes as Latin-1, but servers that do not percent-encode send UTF-8. */
const asUtf8 = (header: string): string => Buffer.from(header, 'latin1').toString('utf8');
