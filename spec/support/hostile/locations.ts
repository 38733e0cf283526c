import type { Act, Misbehaviour } from './misbehaviour.ts';
import { OK, response, say } from './misbehaviour.ts';
import { to } from './redirects.ts';

const there = (write: (hostAndPath: string, url: URL) => string): Act =>
  to(url => write(`${url.host}${url.pathname}`, url));

/** 20,000 letters, each another: what they cost to encode grows with their square. */
const LONG_HOST = String.fromCodePoint(...Array.from({ length: 20_000 }, (_, index) => 0x4e00 + index));

/** Answers only to the very bytes that it redirects to. */
const latin1: Act = (socket, asked) =>
  asked.url.search === ''
    ? to('?caf\xe9')(socket, asked)
    : say(response('', asked.head.includes('?caf%E9 ') ? OK : 'HTTP/1.1 404 None\r\n'))(socket, asked);

/** Where a redirect leads. */
export const LOCATIONS: readonly Misbehaviour<Act>[] = [
  ['an empty Location', 'up', 302, to('')],
  ['two Locations', 'up', 200, to('?there\r\nLocation: ?nowhere')],
  ['a Location of 8 KB', 'up', 200, to(`?${'x'.repeat(8_191)}`)],
  ['a Location of 9 KB', 'invalid_redirect', 302, to(`?${'x'.repeat(9_000)}`)],
  ['a Location of 1 MB', 'protocol_error', null, to(`/${'x'.repeat(1_000_000)}`)],
  [
    'a Location to a host of 20,000 letters',
    'invalid_redirect',
    302,
    to(`http://${Buffer.from(LONG_HOST).toString('latin1')}/`),
  ],
  ['a Location in Latin-1', 'up', 200, latin1],
  ['a Location to an address with a zone', 'invalid_redirect', 302, to('http://[fe80::1%25eth0]/')],
  ['a Location of any bytes', 'up', 200, to('?\xff\xfe\x80')],
  ['a Location with NUL', 'protocol_error', null, to('/a\0b')],
  ['a Location with spaces', 'up', 200, to('?a b c')],
  ['a Location with broken escapes', 'up', 200, to('?%E0%A4%A%zz%')],
  ['a Location folded over lines', 'up', 200, to('\r\n ?there')],
  ['a Location with a fragment', 'up', 200, to('?there#fragment')],
  ['a Location without a scheme', 'up', 200, there(place => `//${place}?there`)],
  ['a Location with backslashes', 'up', 200, there(place => `\\\\${place}?there`)],
  ['a Location with one slash', 'up', 200, there((_place, { pathname }) => `http:${pathname}?there`)],
  ['a Location in capitals', 'up', 200, there(place => `HTTP://${place}?there`)],
  ['a Location with somebody’s name', 'up', 200, there(place => `http://user:pass@${place}?there`)],
  ['a Location to //', 'invalid_redirect', 302, to('//')],
  ['a Location to no host', 'invalid_redirect', 302, to('http://')],
  ['a Location to port 0', 'invalid_redirect', 302, to('http://127.0.0.1:0/')],
  ['a Location to port 99999', 'invalid_redirect', 302, to('http://127.0.0.1:99999/')],
  ['a Location to port -1', 'invalid_redirect', 302, to('http://127.0.0.1:-1/')],
  ['a Location to a host with a space', 'invalid_redirect', 302, to('http://exa mple/')],
  ['a Location to half an address', 'invalid_redirect', 302, to('http://[::1/')],
  ['a Location to an address past 255', 'invalid_redirect', 302, to('http://127.0.0.256/')],
  ['a Location to javascript:', 'invalid_redirect', 302, to('javascript:alert(1)')],
  ['a Location to data:', 'invalid_redirect', 302, to('data:text/plain,hello')],
  ['a Location to ftp:', 'invalid_redirect', 302, to('ftp://127.0.0.1/')],
  ['a Location to file:', 'invalid_redirect', 302, to('file:///etc/passwd')],
  ['a Location to ws:', 'invalid_redirect', 302, to('ws://127.0.0.1/')],
  ['a Location to about:', 'invalid_redirect', 302, to('about:blank')],
  ['a Location to unix:', 'invalid_redirect', 302, to('unix:/var/run/docker.sock:/')],
  [
    'a Location to a host named unix',
    'invalid_redirect',
    302,
    there((_place, { port }) => `http://unix:${port}/var/run/docker.sock:/`),
  ],
  ['a Location where nobody listens', 'connect_refused', 302, to('http://127.0.0.1:1/')],
];
