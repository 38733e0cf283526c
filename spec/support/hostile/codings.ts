import zlib from 'node:zlib';
import { aPattern } from '../a-target.ts';
import type { Act, Misbehaviour } from './misbehaviour.ts';
import { OK, response, say, sayAndEnd, sayForEver, toBytes } from './misbehaviour.ts';

const coded = (coding: string, body: Uint8Array | string): Act =>
  say(response(body, `${OK}Content-Encoding: ${coding}\r\n`));
const codedForEver = (coding: string, piece: Uint8Array): Act =>
  sayForEver(`${OK}Content-Encoding: ${coding}\r\n\r\n`, piece);
const announced = (body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${OK}Content-Encoding: gzip\r\nContent-Length: 99999\r\n\r\n`), body]);
const joined = (...bodies: readonly (Uint8Array | string)[]): Buffer => Buffer.concat(bodies.map(toBytes));

const { BROTLI_PARAM_QUALITY, ZSTD_c_windowLog } = zlib.constants;
const ZEROS = Buffer.alloc(16 * 1024 * 1024);
/** Such as compresses badly, so that half of it is not all of it. */
const NOISE = Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * index * 31) >> 5));

const gzip = zlib.gzipSync('whole');
const deflate = zlib.deflateSync('whole');
const layers = zlib.zstdCompressSync(zlib.brotliCompressSync(gzip));
const WHOLE = { pattern: aPattern('^whole$') };
const gzipWithWrongSum = gzip.with(gzip.length - 8, 0).with(gzip.length - 7, 0);
const zstdWithWideWindow = zlib.zstdCompressSync(ZEROS, { params: { [ZSTD_c_windowLog]: 27 } });
const damaged = (body: Uint8Array): Uint8Array => body.slice().fill(0xff, 1_000, 1_010);
/** With extra fields, a name, a comment and a checksum of the header. */
const adorned = joined('\x1f\x8b\x08\x1e\0\0\0\0\0\x03\x04\0a\0\0\0name\0comment\0\0\0', gzip.subarray(10));
const half = (body: Uint8Array): Uint8Array => body.subarray(0, body.length / 2);

const GZIP_BOMB = zlib.gzipSync(ZEROS);
const BROTLI_BOMB = zlib.brotliCompressSync(ZEROS, { params: { [BROTLI_PARAM_QUALITY]: 4 } });
const ZSTD_BOMB = zlib.zstdCompressSync(ZEROS);
const GZIPS_OF_NOTHING = joined(...Array<Uint8Array>(400).fill(zlib.gzipSync('')));

/** Compressed bodies. */
export const CODINGS: readonly Misbehaviour<Act>[] = [
  ...['UTF-8', 'none', '7bit', '8bit', 'binary', 'aws-chunked', 'text/html', 'klingon', '"gzip"', 'null'].map(
    (coding): Misbehaviour<Act> => [
      `the coding ${coding}`,
      'up',
      200,
      coded(coding, 'whole'),
      { pattern: aPattern('^whole$') },
    ],
  ),
  ['an unknown coding', 'up', 200, coded('klingon', 'a')],
  ['an unknown coding without the pattern', 'regex_mismatch', 200, coded('klingon', 'a'), WHOLE],
  ['an unknown coding around gzip', 'up', 200, coded('gzip, klingon', 'a')],
  ['gzip in a coding that stands for none', 'up', 200, coded('gzip, aws-chunked', gzip), WHOLE],
  ['gzip around a coding that stands for none', 'up', 200, coded('utf-8, gzip', gzip), WHOLE],
  ['an unknown coding of nothing', 'up', 200, coded('klingon', '')],
  ['gzip in gzip', 'up', 200, coded('gzip, gzip', zlib.gzipSync(gzip)), WHOLE],
  ['gzip in br in zstd', 'up', 200, coded('gzip, br, zstd', layers), WHOLE],
  ['six layers of gzip', 'protocol_error', 200, coded(Array(6).fill('gzip').join(), gzip)],
  ['gzip named twice', 'protocol_error', 200, coded('gzip, gzip', gzip)],
  ['two codings in two headers', 'protocol_error', 200, coded('gzip\r\nContent-Encoding: br', gzip)],
  ['60,000 codings', 'protocol_error', 200, coded(`${','.repeat(60_000)}gzip,br`, gzip)],
  ['60,000 times no coding', 'up', 200, coded(','.repeat(60_000), 'whole')],
  ['gzip in capitals', 'up', 200, coded('GZIP', gzip)],
  ['gzip that is text', 'protocol_error', 200, coded('gzip', 'text')],
  ['deflate that is text', 'protocol_error', 200, coded('deflate', 'text, not deflate')],
  ['br that is text', 'protocol_error', 200, coded('br', 'text, not brotli')],
  ['zstd that is text', 'protocol_error', 200, coded('zstd', 'text')],
  ['br that is gzip', 'protocol_error', 200, coded('br', gzip)],
  ['half a gzip', 'up', 200, coded('gzip', half(zlib.gzipSync(NOISE)))],
  ['half a deflate', 'up', 200, coded('deflate', half(zlib.deflateSync(NOISE)))],
  ['half a bare deflate', 'up', 200, coded('deflate', half(zlib.deflateRawSync(NOISE)))],
  ['half a br', 'up', 200, coded('br', half(zlib.brotliCompressSync(NOISE)))],
  ['half a zstd', 'up', 200, coded('zstd', half(zlib.zstdCompressSync(NOISE)))],
  ['gzip without its trailer', 'up', 200, coded('gzip', gzip.subarray(0, -8)), WHOLE],
  ['gzip without half its trailer', 'up', 200, coded('gzip', gzip.subarray(0, -4)), WHOLE],
  ['deflate without its trailer', 'up', 200, coded('deflate', deflate.subarray(0, -4)), WHOLE],
  ['gzip with a damaged middle', 'protocol_error', 200, coded('gzip', damaged(zlib.gzipSync(NOISE)))],
  ['half a gzip, awaited', 'cut', 200, say(announced(half(zlib.gzipSync(NOISE))))],
  ['half a gzip and the end', 'connection_reset', 200, sayAndEnd(announced(half(zlib.gzipSync(NOISE))))],
  ['the head of a gzip', 'up', 200, coded('gzip', gzip.subarray(0, 10))],
  ['the head of a gzip, awaited', 'transfer_timeout', 200, say(announced(gzip.subarray(0, 10)))],
  ['the first byte of a gzip', 'up', 200, coded('gzip', gzip.subarray(0, 1))],
  ['gzip with a wrong sum', 'protocol_error', 200, coded('gzip', gzipWithWrongSum)],
  ['gzip with garbage after it', 'up', 200, coded('gzip', joined(gzip, 'garbage')), WHOLE],
  ['gzip with a broken header after it', 'up', 200, coded('gzip', joined(gzip, '\x1f\x8b\x08\xff')), WHOLE],
  ['gzip of nothing with garbage after it', 'up', 200, coded('gzip', joined(zlib.gzipSync(''), 'garbage'))],
  ['gzip with all that a header may have', 'up', 200, coded('gzip', adorned), WHOLE],
  ['zlib named gzip', 'up', 200, coded('gzip', deflate), WHOLE],
  ['gzip with zeros after it', 'up', 200, coded('gzip', joined(gzip, Buffer.alloc(512)))],
  ['gzip after gzip', 'up', 200, coded('gzip', joined(gzip, gzip)), { pattern: aPattern('^wholewhole$') }],
  ['half a gzip after a whole one', 'up', 200, coded('gzip', joined(gzip, gzip.subarray(0, 12)))],
  ['deflate with garbage after it', 'up', 200, coded('deflate', joined(deflate, 'garbage')), WHOLE],
  [
    'zstd with garbage after it',
    'up',
    200,
    coded('zstd', joined(zlib.zstdCompressSync('whole'), 'x')),
    WHOLE,
  ],
  [
    'br with garbage after it',
    'up',
    200,
    coded('br', joined(zlib.brotliCompressSync('whole'), 'garbage')),
    WHOLE,
  ],
  ['deflate as the standard has it', 'up', 200, coded('deflate', zlib.deflateSync('whole'))],
  ['deflate that is bare', 'up', 200, coded('deflate', zlib.deflateRawSync('whole'))],
  ['gzip of nothing', 'up', 200, coded('gzip', zlib.gzipSync(''))],
  ['gzip and no body', 'up', 200, coded('gzip', '')],
  ['zstd with a window of 128 MB', 'protocol_error', 200, coded('zstd', zstdWithWideWindow)],
  ['gzips of nothing without end', 'cut', 200, codedForEver('gzip', GZIPS_OF_NOTHING)],
  ['a gzip bomb in gzip', 'up', 200, coded('gzip', zlib.gzipSync(GZIP_BOMB))],
];

/** Much in little: 16 MB in kilobytes, and gigabytes where there is no end. */
export const BOMBS: readonly Misbehaviour<Act>[] = [
  ['a gzip bomb', 'cut', 200, coded('gzip', GZIP_BOMB)],
  ['a gzip bomb without end', 'cut', 200, codedForEver('gzip', GZIP_BOMB)],
  ['a deflate bomb', 'cut', 200, coded('deflate', zlib.deflateSync(ZEROS))],
  ['a bare deflate bomb', 'cut', 200, coded('deflate', zlib.deflateRawSync(ZEROS))],
  ['a brotli bomb', 'cut', 200, coded('br', BROTLI_BOMB)],
  ['a zstd bomb', 'cut', 200, coded('zstd', ZSTD_BOMB)],
  ['a zstd bomb without end', 'cut', 200, codedForEver('zstd', ZSTD_BOMB)],
];
