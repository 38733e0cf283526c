import type { Duplex } from 'node:stream';
import zlib from 'node:zlib';
import type { Coding } from './codings.ts';
import { createGunzip } from './gunzip.ts';

const { BROTLI_OPERATION_FLUSH, ZSTD_d_windowLogMax, ZSTD_e_flush, Z_SYNC_FLUSH } = zlib.constants;

/** 8 MiB, the largest window allowed on the web (RFC 9659); zstd's own limit is 128 MiB. */
const ZSTD_WINDOW_LOG_MAX = 23;

/**
 * Creates a decompressor that accepts a body without its end, as curl and browsers do: what was decoded counts. Damaged
 * bytes are an error.
 *
 * @param firstByte tells apart the two forms of `deflate`, wrapped by zlib and bare; and from gzip the zlib form that
 *   curl accepts in its place
 */
export function createDecompressor(coding: Coding, firstByte: number): Duplex {
  switch (coding) {
    case 'gzip':
      return isZlib(firstByte) ? zlib.createInflate(LENIENT) : createGunzip();
    case 'deflate':
      return isZlib(firstByte) ? zlib.createInflate(LENIENT) : zlib.createInflateRaw(LENIENT);
    case 'br':
      return zlib.createBrotliDecompress({ finishFlush: BROTLI_OPERATION_FLUSH });
    case 'zstd':
      return zlib.createZstdDecompress({
        finishFlush: ZSTD_e_flush,
        params: { [ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX },
      });
  }
}

const LENIENT = { finishFlush: Z_SYNC_FLUSH };

const isZlib = (firstByte: number): boolean => (firstByte & 0x0f) === 8;
