import type { Transform } from 'node:stream';
import zlib from 'node:zlib';

const codings = ['gzip', 'deflate', 'br', 'zstd'] as const;
export type Coding = (typeof codings)[number];

export const ACCEPT_ENCODING = codings.join(', ');

/** Returns how a body is compressed: null if it is not, 'unknown' if we cannot decompress it. */
export function codingOf(contentEncoding: string | undefined): Coding | null | 'unknown' {
  if (contentEncoding === undefined) return null;
  const named = contentEncoding
    .toLowerCase()
    .split(',')
    .map(name => name.trim().replace(/^x-gzip$/, 'gzip'))
    .filter(name => name !== '' && name !== 'identity');
  // One coding on top of another is legal, but in practice a mistake or an attack.
  if (named.length > 1) return 'unknown';
  return named[0] === undefined ? null : (codings.find(coding => coding === named[0]) ?? 'unknown');
}

/** @param firstByte distinguishes standard `deflate`, wrapped by zlib, from the bare form that some servers send */
export function createDecompressor(coding: Coding, firstByte: number): Transform {
  switch (coding) {
    case 'gzip':
      return zlib.createGunzip();
    case 'deflate':
      return (firstByte & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw();
    case 'br':
      return zlib.createBrotliDecompress();
    case 'zstd':
      return zlib.createZstdDecompress({
        params: { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX },
      });
  }
}

/** 8 MiB, the largest window allowed on the web (RFC 9659); zstd's own limit is 128 MiB. */
const ZSTD_WINDOW_LOG_MAX = 23;
