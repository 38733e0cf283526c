import type { Act, Misbehaviour } from './misbehaviour.ts';
import { OK, response, say, sayAndEnd, sayAndReset, sayForEver, sayInTwo } from './misbehaviour.ts';

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const WAIT = 'HTTP/1.1 102 \r\n\r\n';
const HINTS = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n';
const LONG_HINTS = `HTTP/1.1 103 \r\n${'a:\r\n'.repeat(15_000)}\r\n`;
const SWITCH = 'HTTP/1.1 101 Switch\r\nConnection: upgrade\r\n';

/** No response, or no end of its headers. */
export const NO_ANSWERS: readonly Misbehaviour<Act>[] = [
  ['silence', 'response_timeout', null, () => {}],
  ['closes without a word', 'connection_reset', null, sayAndEnd('')],
  ['resets without a word', 'connection_reset', null, sayAndReset('')],
  ['half a status line', 'response_timeout', null, say('HTTP/1.1 20')],
  ['half a status line and the end', 'connection_reset', null, sayAndEnd('HTTP/1.1 20')],
  ['half a status line and a reset', 'connection_reset', null, sayAndReset('HTTP/1.1 20')],
  ['a status line alone', 'response_timeout', null, say(OK)],
  ['half its headers', 'response_timeout', null, say(`${OK}Server: a\r\nServ`)],
  ['half its headers and the end', 'connection_reset', null, sayAndEnd(`${OK}Server: a\r\nServ`)],
  ['half its headers and a reset', 'connection_reset', null, sayAndReset(`${OK}Server: a\r\nServ`)],
  ['headers a byte every 20 ms', 'response_timeout', null, sayForEver(OK, 'x', 20)],
  ['headers a byte a second', 'response_timeout', null, sayForEver(OK, 'x', 1_000)],
  ['a line break every 20 ms', 'response_timeout', null, sayForEver('', '\r\n', 20)],
  ['line breaks without end', 'response_timeout', null, sayForEver('', '\r\n'.repeat(8_192))],
  ['100 and no more', 'response_timeout', null, say(CONTINUE)],
  ['100 and the end', 'connection_reset', null, sayAndEnd(CONTINUE)],
  ['100 for ever', 'response_timeout', null, sayForEver('', CONTINUE, 20)],
  ['100 twice before the answer', 'up', 200, sayInTwo(CONTINUE + CONTINUE, response())],
  ['103 before the answer', 'up', 200, sayInTwo(HINTS, response())],
  ['103 every 20 ms', 'response_timeout', null, sayForEver('', HINTS, 20)],
  ['103 without end', 'response_timeout', null, sayForEver('', HINTS.repeat(400))],
  ['103 of 60 KB without end', 'response_timeout', null, sayForEver('', LONG_HINTS)],
  ['102 without end', 'response_timeout', null, sayForEver('', WAIT.repeat(500))],
  ['199 and no more', 'response_timeout', null, say('HTTP/1.1 199 Odd\r\n\r\n')],
  ['103 with a body', 'protocol_error', null, say('HTTP/1.1 103 \r\nContent-Length: 5\r\n\r\nhello')],
  ['101', 'protocol_error', null, say(`${SWITCH}Upgrade: x\r\n\r\n`)],
  ['101 without Upgrade', 'protocol_error', null, say('HTTP/1.1 101 Switch\r\n\r\n')],
  ['101 to WebSocket', 'protocol_error', null, say(`${SWITCH}Upgrade: websocket\r\n\r\n\x81\x05hello`)],
  ['101 to HTTP/2', 'protocol_error', null, sayAndEnd(`${SWITCH}Upgrade: h2c\r\n\r\n\0\0\0\x04\0\0\0\0\0`)],
];
