import type { Method } from '../../domain/target/target.ts';
import { parseWebUrl } from './web-url.ts';

/** One request of a fetch: the target's own, or one that a redirect asked for. */
export interface HopRequest {
  readonly url: URL;
  readonly method: Method;
  /** The target's own headers; none once a redirect has left the target's origin */
  readonly headers: Readonly<Record<string, string>>;
  /** Null: none */
  readonly body: string | null;
}

export type NextHop =
  | { readonly kind: 'none' }
  | { readonly kind: 'hop'; readonly request: HopRequest }
  | { readonly kind: 'invalid'; readonly detail: string };

export type Redirect = Exclude<NextHop, { kind: 'none' }>;

const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** As much as most web servers take of a request line. A host name of 60 KB would take long to be read. */
const LOCATION_BYTES_MAX = 8192;

/**
 * Where a response sends us: nowhere, to a next request, or to a place where we do not go.
 *
 * Methods change as browsers change them (https://fetch.spec.whatwg.org/#http-redirect-fetch). The
 * target's headers and body stay within its origin, and do not come back with a later hop that returns
 * to it. User info in a `Location` is dropped: whoever answers must not choose our credentials.
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
    return { kind: 'invalid', detail: `status ${status} would take the request’s body to ${url.origin}` };
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

/** Node reads header bytes as Latin-1; servers that do not percent-encode send UTF-8. */
const asUtf8 = (header: string): string => Buffer.from(header, 'latin1').toString('utf8');
