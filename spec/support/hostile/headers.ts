import { aPattern } from '../a-target.ts';
import type { Act, Misbehaviour } from './misbehaviour.ts';
import { OK, response, say, sayAndEnd, sayForEver, sayInTwo } from './misbehaviour.ts';

const header = (lines: string): Act => say(response('ok', `${OK}${lines}\r\n`));
const named = (count: number): string =>
  Array.from({ length: count }, (_, index) => `${index.toString(36)}:`).join('\r\n');

/** As objects in JavaScript have them. */
const INHERITED = '__proto__: a\r\nconstructor: b\r\ntoString: c\r\nhasOwnProperty: d';

const EXACTLY_OK = { pattern: aPattern('^ok$') };
const folded = say(`${OK}Content-Length:\r\n 2\r\n\r\nok`);

export const HEADERS: readonly Misbehaviour<Act>[] = [
  ['a header without a name', 'up', 200, header(': nameless')],
  ['a header without a colon', 'protocol_error', null, header('nonsense')],
  ['a space before the colon', 'up', 200, header('A : b')],
  ['a space in a name', 'up', 200, header('A b: c')],
  ['a name of any bytes', 'up', 200, header('\xff\xfe: c')],
  ['NUL in a name', 'protocol_error', null, header('A\0: c')],
  ['NUL in a value', 'protocol_error', null, header('A: b\0c')],
  ['a bell in a value', 'up', 200, header('A: b\x07c')],
  ['a value of any bytes', 'up', 200, header('A: \xff\xfe\x80')],
  ['an empty value', 'up', 200, header('A:')],
  ['a value folded over lines', 'up', 200, header('A: b\r\n c\r\n\td')],
  ['a length folded over lines', 'up', 200, folded],
  [
    'a length after a bell',
    'up',
    200,
    say(`${OK}A: \x07\x7f\x1b[0m\r\nContent-Length: 2\r\n\r\nok!`),
    EXACTLY_OK,
  ],
  ['a length before spaces', 'up', 200, say(`${OK}Content-Length \t : \t 2 \t \r\n\r\nok!`), EXACTLY_OK],
  ['a fold before any header', 'protocol_error', null, header(' folded')],
  ['a bare CR in a value', 'up', 200, header('A: b\rc')],
  ['lines ended by LF alone', 'up', 200, say('HTTP/1.1 200 OK\nContent-Length: 2\n\nok!'), EXACTLY_OK],
  [
    'lines ended by LF and CRLF',
    'up',
    200,
    sayInTwo('HTTP/1.1 200 OK\nA: b\r\nContent-Length: 2\n\r', '\nok'),
  ],
  ['lines ended by CR alone', 'protocol_error', null, say('HTTP/1.1 200 OK\rContent-Length: 2\r\rok')],
  ['the last line ended by LF alone', 'up', 200, say(`${OK}Content-Length: 2\r\n\nok`)],
  ['headers named as objects have them', 'up', 200, header(INHERITED)],
  ['a header of 60 KB', 'up', 200, header(`A: ${'b'.repeat(60_000)}`)],
  ['a header of 100 KB', 'protocol_error', null, header(`A: ${'b'.repeat(100_000)}`)],
  ['a header of 16 MB', 'protocol_error', null, header(`A: ${'b'.repeat(16_000_000)}`)],
  ['a name of 60 KB', 'up', 200, header(`${'b'.repeat(60_000)}: a`)],
  ['a name without end', 'protocol_error', null, sayForEver(OK, 'b'.repeat(10_000))],
  ['headers without end', 'protocol_error', null, sayForEver(OK, `A: ${'b'.repeat(100)}\r\n`)],
  ['tiny headers without end', 'protocol_error', null, sayForEver(OK, 'a:\r\n'.repeat(4_096))],
  ['10,000 tiny headers', 'up', 200, header(`a:b${'\r\na:b'.repeat(9_999)}`)],
  ['9,000 tiny headers of other names', 'up', 200, header(named(9_000))],
  [
    'a status of 404 after 9,000 headers',
    'http_status',
    404,
    say(response('', `HTTP/1.1 404 \r\n${named(9_000)}\r\n`)),
  ],
  ['4,000 cookies', 'up', 200, header(`Set-Cookie: a${'\r\nset-cookie:a'.repeat(4_000)}`)],
  ['a cookie of 60 KB', 'up', 200, header(`Set-Cookie: a=${'b'.repeat(60_000)}`)],
  ['two types', 'up', 200, header('Content-Type: text/html\r\nContent-Type: image/png')],
  ['a type of 60 KB', 'up', 200, header(`Content-Type: ${'; charset'.repeat(6_500)}`)],
  ['Upgrade without 101', 'up', 200, header('Upgrade: h2,h2c\r\nConnection: Upgrade, close')],
  ['Refresh', 'up', 200, header('Refresh: 0; url=https://example.org/')],
  ['Keep-Alive for a year', 'up', 200, header('Connection: keep-alive\r\nKeep-Alive: timeout=31536000')],
  ['Connection: close and an open end', 'up', 200, header('Connection: close')],
  ['headers and the end', 'connection_reset', null, sayAndEnd(`${OK}Content-Length: 2\r\n`)],
];
