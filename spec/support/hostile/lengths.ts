import type { Act, Misbehaviour } from './misbehaviour.ts';
import { OK, response, say, sayAndEnd, sayAndReset, sayForEver, sayInTwo } from './misbehaviour.ts';

const length = (value: string): string => `${OK}Content-Length: ${value}\r\n\r\nhello`;
const twice = (first: string, second: string): Act =>
  say(`${OK}Content-Length: ${first}\r\nContent-Length: ${second}\r\n\r\nhello`);
const TE = 'Transfer-Encoding: chunked\r\n';
const NO_CONTENT = 'HTTP/1.1 204 None\r\n';
const HEAD = { method: 'HEAD' } as const;

/** How long a body is said to be, and where it ends. */
export const LENGTHS: readonly Misbehaviour<Act>[] = [
  ['two lengths', 'protocol_error', null, twice('1', '2')],
  ['the same length twice', 'up', 200, twice('5', '5')],
  ['two lengths in one header', 'up', 200, say(length('5, 5'))],
  ['the same length written in two ways', 'up', 200, twice('5', '005')],
  ['two lengths in one header that differ', 'protocol_error', null, say(length('5, 6'))],
  ['a length and nothing', 'protocol_error', null, say(length('5,'))],
  ['three lengths of which one differs', 'protocol_error', null, say(length('5\r\nContent-Length: 5, 4'))],
  ['a length and identity', 'up', 200, say(`${OK}Transfer-Encoding: identity\r\nContent-Length: 1\r\n\r\na`)],
  ['a length and chunks', 'protocol_error', null, say(`${OK}Content-Length: 1\r\n${TE}\r\n`)],
  ['chunks and a length', 'protocol_error', null, say(`${OK}${TE}Content-Length: 1\r\n\r\n`)],
  ['a length below zero', 'protocol_error', null, say(length('-5'))],
  ['a length with a plus', 'protocol_error', null, say(length('+5'))],
  ['a length in hexadecimal', 'protocol_error', null, say(length('0x5'))],
  ['a length with a fraction', 'protocol_error', null, say(length('5.0'))],
  ['a length in words', 'protocol_error', null, say(length('five'))],
  ['a length of two numbers', 'protocol_error', null, say(length('5 5'))],
  ['a length of no number', 'protocol_error', null, say(length(''))],
  ['a length past 64 bits', 'protocol_error', null, say(length('99999999999999999999'))],
  ['a length of 9 PB', 'cut', 200, say(length('9007199254740993'))],
  ['a length of 9 PB and the end', 'connection_reset', 200, sayAndEnd(length('9007199254740993'))],
  ['a length with spaces around it', 'up', 200, say(length('  5  '))],
  ['a length with zeros before it', 'up', 200, say(length('0000000000000000000000005'))],
  ['a length that is too long', 'cut', 200, say(length('9'))],
  ['a length that is too long and the end', 'connection_reset', 200, sayAndEnd(length('9'))],
  ['a length that is too long and a reset', 'connection_reset', 200, sayAndReset(length('9'))],
  ['a length that is too short', 'up', 200, say(length('2'))],
  ['a length that is too short by a packet', 'up', 200, sayInTwo(length('5'), ' world')],
  ['a length of nothing and a body', 'up', 200, say(length('0'))],
  ['bytes without end after the body', 'up', 200, sayForEver(response(), 'x'.repeat(10_000))],
  ['a second answer after the first', 'up', 200, say(Buffer.concat([response(), response()]))],
  ['a second answer later', 'up', 200, sayInTwo(response(), response('no', 'HTTP/1.1 404 None\r\n'))],
  ['a whole answer and the end', 'up', 200, sayAndEnd(response())],
  ['a whole answer and a reset', 'up', 200, sayAndReset(response())],
  ['a body with 204', 'up', 204, say(`${NO_CONTENT}\r\nbody`)],
  ['a body and its length with 204', 'up', 204, say(response('body', NO_CONTENT))],
  ['a body with 204 in a packet of its own', 'up', 204, sayInTwo(`${NO_CONTENT}\r\n`, 'body')],
  ['a body with 304 in a packet of its own', 'up', 304, sayInTwo('HTTP/1.1 304 Same\r\n\r\n', 'body')],
  ['a length without a body with 204', 'up', 204, say(`${NO_CONTENT}Content-Length: 5\r\n\r\n`)],
  ['chunks with 204', 'up', 204, say(`${NO_CONTENT}${TE}\r\n4\r\nbody\r\n0\r\n\r\n`)],
  ['a body with 304', 'up', 304, say(response('body', 'HTTP/1.1 304 Same\r\n'))],
  ['a body with 205', 'up', 205, say(response('body', 'HTTP/1.1 205 Reset\r\n'))],
  ['a body for HEAD', 'up', 200, say(response('body')), HEAD],
  ['a length and no body for HEAD', 'up', 200, say(`${OK}Content-Length: 999999\r\n\r\n`), HEAD],
  ['chunks for HEAD', 'up', 200, say(`${OK}${TE}\r\n`), HEAD],
  ['a body up to the end', 'up', 200, sayAndEnd(`${OK}\r\nhello`)],
  ['a body up to a reset', 'connection_reset', 200, sayAndReset(`${OK}\r\nhello`)],
  ['nothing up to the end', 'up', 200, sayAndEnd(`${OK}\r\n`)],
  ['HTTP/1.0 up to the end', 'up', 200, sayAndEnd('HTTP/1.0 200 OK\r\n\r\nhello')],
];
