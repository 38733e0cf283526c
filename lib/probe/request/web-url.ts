export type WebUrl =
  | { readonly kind: 'url'; readonly url: URL }
  /** Says what is wrong without repeating it: urls carry secrets */
  | { readonly kind: 'invalid'; readonly detail: string };

/** Reads a url that HTTP can be spoken to, relative to `base` where that is given. */
export function parseWebUrl(text: string, base?: URL): WebUrl {
  const url = URL.parse(text, base?.href);
  if (url === null) return { kind: 'invalid', detail: 'no valid url' };
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return { kind: 'invalid', detail: `a url of scheme ${url.protocol} instead of http: or https:` };
  }
  // Node would take it for "none given", and ask the default port.
  if (url.port === '0') return { kind: 'invalid', detail: 'a url with port 0' };
  // got would take it for the path of a Unix socket, and refuse it.
  if (url.hostname === 'unix') return { kind: 'invalid', detail: 'a url of a Unix socket' };
  return { kind: 'url', url };
}
