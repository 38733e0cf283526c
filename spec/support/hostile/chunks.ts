import zlib from 'node:zlib';
import { aPattern } from '../a-target.ts';
import type { Act, Misbehaviour } from './misbehaviour.ts';
import { CHUNKED, OK, say, sayAndEnd, sayAndReset, sayForEver } from './misbehaviour.ts';

const LAST = '0\r\n\r\n';
const HELLO = '5\r\nhello\r\n';
const chunks = (text: string): Act => say(CHUNKED + text);
const transferred = (coding: string, version = '1.1'): Act =>
  sayAndEnd(`HTTP/${version} 200 OK\r\nTransfer-Encoding: ${coding}\r\n\r\n${HELLO}${LAST}`);

const gzip = zlib.gzipSync('whole');
const inChunks = (body: Uint8Array): string =>
  `${body.length.toString(16)}\r\n${Buffer.from(body).toString('latin1')}\r\n${LAST}`;
const gzipInChunks = `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n${inChunks(gzip)}`;
const gzipTwice = `${OK}Transfer-Encoding: gzip, chunked\r\nContent-Encoding: gzip\r\n\r\n${inChunks(zlib.gzipSync(gzip))}`;
const gzipUpToTheEnd = `${OK}Transfer-Encoding: gzip\r\n\r\n${Buffer.from(gzip).toString('latin1')}`;

/** Chunks and other transfer codings. */
export const CHUNKS: readonly Misbehaviour<Act>[] = [
  ['chunked in odd letters', 'up', 200, transferred('ChUnKeD')],
  ['chunks in HTTP/1.0', 'up', 200, transferred('chunked', '1.0')],
  ['chunked twice', 'up', 200, transferred('chunked, chunked')],
  ['chunked in two headers', 'up', 200, transferred('chunked\r\nTransfer-Encoding: chunked')],
  ['chunked, identity', 'up', 200, transferred('chunked, identity')],
  ['identity, chunked', 'up', 200, transferred('identity, chunked')],
  ['gzip, chunked, and gzip in it', 'up', 200, say(gzipInChunks), { pattern: aPattern('^whole$') }],
  ['gzip in gzip, one transferred', 'up', 200, say(gzipTwice), { pattern: aPattern('^whole$') }],
  ['gzip up to the end', 'up', 200, sayAndEnd(gzipUpToTheEnd), { pattern: aPattern('^whole$') }],
  ['a chunk size before spaces', 'up', 200, chunks(`5 \t\r\nhello\r\n${LAST}`)],
  ['a chunk size after spaces', 'protocol_error', 200, chunks(` 5\r\nhello\r\n${LAST}`)],
  ['gzip, chunked', 'protocol_error', 200, transferred('gzip, chunked')],
  ['transferred as gzip', 'protocol_error', 200, transferred('gzip')],
  ['transferred as xchunked', 'protocol_error', 200, transferred('xchunked')],
  ['transferred as chunkedx', 'protocol_error', 200, transferred('chunkedx')],
  ['transferred as "chunked"', 'protocol_error', 200, transferred('"chunked"')],
  ['transferred as nothing', 'up', 200, transferred('')],
  ['a page instead of chunks', 'protocol_error', 200, sayAndEnd(`${CHUNKED}<html>`)],
  ['a chunk size in words', 'protocol_error', 200, chunks('zz\r\n')],
  ['a chunk size below zero', 'protocol_error', 200, chunks('-1\r\nx\r\n')],
  ['a chunk size with a plus', 'protocol_error', 200, chunks('+1\r\nx\r\n')],
  ['a chunk size with 0x', 'protocol_error', 200, chunks('0x1\r\nx\r\n')],
  ['an empty chunk size', 'protocol_error', 200, chunks('\r\nx\r\n')],
  ['a chunk size past 64 bits', 'protocol_error', 200, chunks('FFFFFFFFFFFFFFFFF\r\nx\r\n')],
  ['a chunk of 9 EB', 'cut', 200, chunks('7FFFFFFFFFFFFFFF\r\nhello')],
  ['a chunk size with 5,000 zeros before it', 'up', 200, chunks(`${'0'.repeat(5_000)}${HELLO}${LAST}`)],
  ['a chunk longer than its size', 'protocol_error', 200, chunks(`2\r\nhello\r\n${LAST}`)],
  ['a chunk ended by LF alone', 'up', 200, chunks('5\nhello\n0\n\n')],
  ['no chunk', 'transfer_timeout', 200, chunks('')],
  ['a chunk size and the end', 'connection_reset', 200, sayAndEnd(`${CHUNKED}5\r\n`)],
  ['half a chunk', 'cut', 200, chunks('9\r\nhalf')],
  ['half a chunk and the end', 'connection_reset', 200, sayAndEnd(`${CHUNKED}9\r\nhalf`)],
  ['half a chunk and a reset', 'connection_reset', 200, sayAndReset(`${CHUNKED}9\r\nhalf`)],
  ['no last chunk', 'cut', 200, chunks(HELLO)],
  ['no last chunk and the end', 'connection_reset', 200, sayAndEnd(CHUNKED + HELLO)],
  ['half the last chunk and the end', 'connection_reset', 200, sayAndEnd(`${CHUNKED}${HELLO}0\r\n`)],
  ['bytes after the last chunk', 'up', 200, chunks(`${HELLO}${LAST}excess`)],
  ['chunk extensions', 'up', 200, chunks(`5;a=b;c="d"\r\nhello\r\n0;e\r\n\r\n`)],
  ['a chunk extension without end', 'protocol_error', 200, sayForEver(`${CHUNKED}5;`, 'a'.repeat(10_000))],
  ['chunk extensions without end', 'cut', 200, sayForEver(CHUNKED, `1;${'a'.repeat(1_000)}\r\nx\r\n`)],
  ['trailers', 'up', 200, chunks(`${HELLO}0\r\nA: b\r\nC: d\r\n\r\n`)],
  [
    'trailers that none may be',
    'up',
    200,
    chunks(`${HELLO}0\r\nHost: a\r\nLocation: /b\r\nSet-Cookie: c\r\n\r\n`),
  ],
  ['a length for a trailer', 'up', 200, chunks(`${HELLO}0\r\nContent-Length: 9\r\n\r\n`)],
  ['a trailer of nonsense', 'protocol_error', 200, chunks(`${HELLO}0\r\nnonsense\r\n\r\n`)],
  ['half a trailer and the end', 'connection_reset', 200, sayAndEnd(`${CHUNKED}${HELLO}0\r\nA: b\r\n`)],
  ['trailers without end', 'protocol_error', 200, sayForEver(`${CHUNKED}0\r\n`, 'A: b\r\n'.repeat(1_000))],
  ['chunks of one byte without end', 'cut', 200, sayForEver(CHUNKED, '1\r\nx\r\n'.repeat(1_000))],
  ['chunks of one byte every 20 ms', 'cut', 200, sayForEver(CHUNKED, '1\r\nx\r\n', 20)],
];
