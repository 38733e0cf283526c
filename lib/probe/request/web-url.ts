import { hasIpv6Zone } from '../../domain/target/ipv6-zone.ts';

export type WebUrl =
  | { readonly kind: 'url'; readonly url: URL }
  /** `detail` says what is wrong without repeating the url, which may hold secrets */
  | { readonly kind: 'invalid'; readonly detail: string };

/** Parses an http: or https: url, relative to `base` if given. */
export function parseWebUrl(text: string, base?: URL): WebUrl {
  const url = URL.parse(text, base?.href);
  if (url === null) return { kind: 'invalid', detail: hasIpv6Zone(text) ? ZONE : 'not a valid url' };
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return { kind: 'invalid', detail: `the url has the scheme ${url.protocol}, not http: or https:` };
  }
  // Node would treat port 0 as "not given" and use the default port.
  if (url.port === '0') return { kind: 'invalid', detail: 'the url has port 0' };
  // By convention `http://unix:/path` is a Unix socket. We connect to none, and must not ask a host of that name.
  if (url.hostname === 'unix') return { kind: 'invalid', detail: 'the url is that of a Unix socket' };
  if (!isPercentEncoded(url.username + url.password)) {
    return { kind: 'invalid', detail: 'the url has user info that is not percent-encoded UTF-8' };
  }
  return { kind: 'url', url };
}

const ZONE = 'the url has an IPv6 zone, which names an interface of one machine';

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
