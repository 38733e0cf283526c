import { CookieJar } from 'tough-cookie';
import type { HopRequest } from './next-hop.ts';

/** The cookies of one fetch. Later hops send what earlier redirects set, as in a browser. */
export interface Cookies {
  readonly set: (url: URL, setCookies: readonly string[]) => void;
  /** Adds the cookies that belong to the request's url */
  readonly addTo: (request: HopRequest) => HopRequest;
}

/** The longest cookie that browsers keep. */
const COOKIE_BYTES_MAX = 4096;

/** Over all hops. Parsing many more takes long, and no website needs them. */
const COOKIES_MAX = 100;

/** Browsers ignore such cookies, and a request must not repeat them. */
const hasControls = (text: string): boolean => /[^\t\x20-\x7e\x80-\xff]/.test(text);

/** Many websites set a cookie and redirect to themselves, and do so for ever unless the cookie comes back. */
export function createCookies(): Cookies {
  let jar: CookieJar | null = null;
  let cookies = 0;
  return {
    set: (url, setCookies) => {
      for (const text of setCookies) {
        if (text.length > COOKIE_BYTES_MAX || hasControls(text) || cookies === COOKIES_MAX) continue;
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
