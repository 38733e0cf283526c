import type { Act, Misbehaviour } from './misbehaviour.ts';
import { OK, response, say, sayAndEnd, sayForEver } from './misbehaviour.ts';

const typed = (type: string, body: string): Act => say(response(body, `${OK}Content-Type: ${type}\r\n`));
const text = (charset: string, body: string): Act => typed(`text/plain; charset=${charset}`, body);
const NINE_BYTES = `${OK}Content-Length: 9\r\n\r\n`;
const MUCH = 'x'.repeat(10_000);

/** Bodies by what they say they are, by their pace and by their end. */
export const BODIES: readonly Misbehaviour<Act>[] = [
  ['UTF-16 that is ASCII', 'up', 200, text('utf-16', 'plain')],
  ['UTF-16 of odd length', 'up', 200, text('utf-16le', 'abc')],
  ['UTF-7', 'up', 200, text('utf-7', '+ADw-')],
  ['a charset that nobody knows', 'up', 200, text('klingon', 'qapla')],
  ['a charset of 60 KB', 'up', 200, text('k'.repeat(60_000), 'qapla')],
  ['a charset in half a quotation', 'up', 200, text('"utf-8', 'a')],
  ['a charset that stands for none', 'up', 200, text('iso-2022-kr', 'abc')],
  ['a BOM of another charset', 'up', 200, text('utf-16', '\xef\xbb\xbfabc')],
  ['a BOM alone', 'up', 200, typed('text/plain', '\xef\xbb\xbf')],
  ['UTF-8 that is none', 'up', 200, text('utf-8', '\xff\xfe\xc0\x80')],
  ['half a character', 'up', 200, text('utf-8', '\xf0\x9f')],
  ['lone surrogates', 'up', 200, text('utf-8', '\xed\xa0\x80')],
  ['lone surrogates in UTF-16', 'up', 200, text('utf-16le', '\x00\xd8\x00\xd8')],
  ['NULs', 'up', 200, typed('text/plain', 'a\0b\0')],
  ['terminal controls', 'up', 200, typed('text/plain', '\x1b[2J\x07\x08')],
  ['no body', 'transfer_timeout', 200, say(NINE_BYTES)],
  ['no body and the end', 'connection_reset', 200, sayAndEnd(NINE_BYTES)],
  ['no body of unknown length', 'transfer_timeout', 200, say(`${OK}\r\n`)],
  ['half a body', 'cut', 200, say(`${NINE_BYTES}half`)],
  ['half a body and the end', 'connection_reset', 200, sayAndEnd(`${NINE_BYTES}half`)],
  ['a body that is not ended', 'cut', 200, say(`${OK}Connection: close\r\n\r\nhello`)],
  ['a body without end', 'cut', 200, sayForEver(`${OK}\r\n`, MUCH)],
  ['a body of 1 GB', 'cut', 200, sayForEver(`${OK}Content-Length: 1073741824\r\n\r\n`, MUCH)],
  ['a body without end with status 500', 'http_status', 500, sayForEver('HTTP/1.1 500 Oh\r\n\r\n', MUCH)],
  ['a body a byte every 20 ms', 'cut', 200, sayForEver(`${OK}\r\n`, 'x', 20)],
];
