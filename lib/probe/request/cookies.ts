import { CookieJar } from 'tough-cookie';
import type { HopRequest } from './next-hop.ts';

/** The cookies of one fetch: what a redirect sets, the hops after it send, as a browser would. */
export interface Cookies {
  readonly set: (url: URL, setCookies: readonly string[]) => void;
  /** The request with those of the cookies that are for its url */
  readonly addTo: (request: HopRequest) => HopRequest;
}

/** As much as browsers keep of one. */
const COOKIE_BYTES_MAX = 4096;

/** Over all hops: many more take long to be read, and nobody needs them. */
const COOKIES_MAX = 100;

/** Many a website sets a cookie and redirects to itself, for ever where it does not come back. */
export function createCookies(): Cookies {
  let jar: CookieJar | null = null;
  let cookies = 0;
  return {
    set: (url, setCookies) => {
      for (const text of setCookies) {
        if (text.length > COOKIE_BYTES_MAX || cookies === COOKIES_MAX) continue;
        cookies += 1;
        jar ??= new CookieJar();
        jar.setCookieSync(text, url.href, { ignoreError: true });
      }
    },
    addTo: request => {
      const ours = jar?.getCookieStringSync(request.url.href);
      if (!ours) return request;
      const [name = 'cookie', own] =
        Object.entries(request.headers).find(([name]) => name.toLowerCase() === 'cookie') ?? [];
      return { ...request, headers: { ...request.headers, [name]: own ? `${own}; ${ours}` : ours } };
    },
  };
}
