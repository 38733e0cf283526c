import type { Method } from '../../domain/target/target.ts';
import { parseWebUrl } from './web-url.ts';

/** One request of a fetch: the target's own, or the next one after a redirect. */
export interface HopRequest {
  readonly url: URL;
  readonly method: Method;
  /** The target's own headers; those for its origin alone are gone once a redirect has left that */
  readonly headers: Readonly<Record<string, string>>;
  /** Names of headers whose values are secrets, in lower case */
  readonly secretHeaders?: ReadonlySet<string>;
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
 * Changes methods as browsers do (https://fetch.spec.whatwg.org/#http-redirect-fetch). Sends the target's body and
 * headers to its own origin only, and not again when a later hop returns to it. The headers that only describe the
 * client go elsewhere, too, unless they are secrets. Drops user info in a `Location`: a server must not choose our
 * credentials.
 */
export function nextHop(request: HopRequest, status: number, location: string | undefined): NextHop {
  if (!REDIRECT_STATUSES.has(status) || !location) return { kind: 'none' };
  if (location.length > LOCATION_BYTES_MAX) {
    return { kind: 'invalid', detail: `status ${status} to a url of ${location.length} bytes` };
  }
  const to = parseWebUrl(percentEncoded(location), request.url);
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
  const own = isSameOrigin ? request.headers : headersForOthers(request);
  const headers = body === request.body ? own : withoutContentHeaders(own);
  const secrets = isSameOrigin && request.secretHeaders && { secretHeaders: request.secretHeaders };
  return { kind: 'hop', request: { url, method, headers, body, ...secrets } };
}

/** What a website may answer by, wherever a redirect leads. */
const FOR_ANY_ORIGIN: ReadonlySet<string> = new Set(['accept', 'accept-language', 'user-agent']);

const headersForOthers = ({ headers, secretHeaders }: HopRequest): HopRequest['headers'] =>
  Object.fromEntries(
    Object.entries(headers).filter(([header]) => {
      const name = header.toLowerCase();
      return FOR_ANY_ORIGIN.has(name) && !secretHeaders?.has(name);
    }),
  );

const withoutContentHeaders = (headers: HopRequest['headers']): HopRequest['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !/^content-/i.test(name)));

function redirectedMethod(method: Method, status: number): Method {
  if (status === 303) return method === 'HEAD' ? 'HEAD' : 'GET';
  return method === 'POST' && (status === 301 || status === 302) ? 'GET' : method;
}

/** A `Location` has a character for each byte. Servers that do not percent-encode send UTF-8 or Latin-1: either is kept. */
const percentEncoded = (location: string): string =>
  location.replaceAll(/[\x80-\xff]/g, byte => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
