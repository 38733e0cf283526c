import type { Act, Misbehaviour } from './misbehaviour.ts';
import { response, say, sayForEver, toBytes } from './misbehaviour.ts';

type Where = string | ((url: URL) => string);

const redirect = (url: URL, where: Where, headers = '', status = 302): Uint8Array => {
  const location = typeof where === 'string' ? where : where(url);
  return response('', `HTTP/1.1 ${status} There\r\n${headers}Location: ${location}\r\n`);
};

/** Redirects, and answers once it is asked with a query. */
export const to =
  (where: Where, headers = '', status = 302): Act =>
  (socket, { url }) =>
    void socket.write(url.search === '' ? redirect(url, where, headers, status) : response('there'));

/** Redirects whatever it is asked. */
const always =
  (where: Where, headers = '', status = 302): Act =>
  (socket, { url }) =>
    void socket.write(redirect(url, where, headers, status));

/** Redirects `count` times; `where` is told how often it has been so far. */
const times =
  (count: number, where: (hop: number) => string, headers = ''): Act =>
  (socket, { url }) => {
    const hop = Number(/\d+/.exec(url.search) ?? 0);
    socket.write(hop === count ? response('there') : redirect(url, where(hop + 1), headers));
  };

const untilCookie =
  (setCookie: string): Act =>
  (socket, { url, head }) =>
    void socket.write(
      /^cookie:.*\bseen=1/im.test(head) ? response() : redirect(url, '?', `Set-Cookie: ${setCookie}\r\n`),
    );

/** Takes its time before each redirect: the first time 120 ms, then twice as long as before. */
const slower: Act = (socket, { url }) => {
  const hop = Number(/\d+/.exec(url.search) ?? 0);
  setTimeout(() => socket.write(redirect(url, `?${hop + 1}`)), 120 * 2 ** hop).unref();
};
const bare = (status: number): Act => say(response('nothing there', `HTTP/1.1 ${status} There\r\n`));
const unless =
  (head: string, body: Act): Act =>
  (socket, asked) =>
    asked.url.search === '' ? body(socket, asked) : void socket.write(toBytes(head));

const HINTS = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n'.repeat(5_400);
const HEADERS = Array.from({ length: 10_000 }, (_, index) => `${index.toString(36)}:\r\n`).join('');

/** Redirects to itself, each time after `announcements`. */
const after =
  (announcements: string): Act =>
  (socket, { url }) =>
    void socket.write(Buffer.concat([toBytes(announcements), redirect(url, '?')]));

const COOKIES = Array.from({ length: 2_000 }, (_, index) => `set-cookie:${index}=b\r\n`).join('');
const SEMICOLONS = `Set-Cookie: a=b${';'.repeat(60_000)}\r\n`;
const INHERITED = '__proto__: a\r\nset-cookie: __proto__=a; __proto__=b\r\n';
const BROKEN = 'HTTP/1.1 302 There\r\nTransfer-Encoding: chunked\r\nLocation: ?there\r\n\r\nzz\r\n';
const POST = { method: 'POST', requestBody: 'a' } as const;

/** How often a check is sent elsewhere, and with what. Where to: `locations.ts`. */
export const REDIRECTS: readonly Misbehaviour<Act>[] = [
  ['a redirect to itself', 'too_many_redirects', 302, always('?')],
  [
    'a redirect there and back',
    'too_many_redirects',
    302,
    always(url => (url.search === '?a' ? '?b' : '?a')),
  ],
  ['ten hops', 'up', 200, times(10, hop => `?${hop}`)],
  ['eleven hops', 'too_many_redirects', 302, times(11, hop => `?${hop}`)],
  ['hops to urls that grow', 'too_many_redirects', 302, times(99, hop => `?${hop}&${'x'.repeat(hop * 700)}`)],
  ['hops to urls that double', 'invalid_redirect', 302, times(99, hop => `?${hop}&${'x'.repeat(99 << hop)}`)],
  ['hops that grow slower', 'response_timeout', 302, slower],
  ['240 KB of 103 before each of eleven hops', 'response_timeout', 302, after(HINTS)],
  ['10,000 headers in each of eleven hops', 'response_timeout', 302, always('?', HEADERS)],
  ['a redirect until its cookie comes', 'up', 200, untilCookie('seen=1; Path=/; HttpOnly')],
  ['a cookie for another host', 'too_many_redirects', 302, untilCookie('seen=1; Domain=example.org')],
  ['a cookie that is over', 'too_many_redirects', 302, untilCookie('seen=1; Max-Age=0')],
  ['a cookie of any bytes', 'up', 200, to('?there', 'Set-Cookie: \xff\xfe=\x80\r\n')],
  ['a cookie of controls', 'up', 200, to('?there', 'Set-Cookie: seen=a\rb\x07c\r\n')],
  ['a redirect after 4,400 cookies', 'up', 200, to('?there', 'set-cookie:a\r\n'.repeat(4_400))],
  ['a redirect after 2,000 cookies by name', 'up', 200, to('?there', COOKIES)],
  ['a redirect after a cookie of semicolons', 'up', 200, to('?there', SEMICOLONS)],
  ['ten hops after cookies of semicolons', 'up', 200, times(10, hop => `?${hop}`, SEMICOLONS)],
  ['a redirect after names as objects have them', 'up', 200, to('?there', INHERITED)],
  ['300', 'up', 300, to('?there', '', 300)],
  ['300 without Location', 'up', 300, bare(300)],
  ['302 without Location', 'up', 302, bare(302)],
  ['304 that nobody asked for', 'up', 304, say('HTTP/1.1 304 Same\r\n\r\n')],
  ['305', 'up', 305, to('http://127.0.0.1:1/', '', 305)],
  ['306', 'up', 306, bare(306)],
  ['308', 'up', 200, to('?there', '', 308)],
  ['201 with a Location', 'up', 201, to('?there', '', 201)],
  ['302 with a broken body', 'up', 200, unless(response().toString(), say(BROKEN))],
  [
    '302 with an endless body',
    'up',
    200,
    unless(
      response().toString(),
      sayForEver('HTTP/1.1 302 There\r\nLocation: ?there\r\n\r\n', 'x'.repeat(10_000)),
    ),
  ],
  [
    '302 without Location with an endless body',
    'cut',
    302,
    sayForEver('HTTP/1.1 302 There\r\n\r\n', 'x'.repeat(10_000)),
  ],
  ['307 of a POST to itself', 'too_many_redirects', 307, always('?', '', 307), POST],
  [
    '307 of a POST to elsewhere',
    'invalid_redirect',
    307,
    always(({ port }) => `http://localhost:${port}/`, '', 307),
    POST,
  ],
];
