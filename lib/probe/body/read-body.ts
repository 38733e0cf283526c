import type { Readable, Transform } from 'node:stream';
import type { BodyText } from './body-text.ts';
import type { Coding } from './decompress.ts';
import { codingOf, createDecompressor } from './decompress.ts';

export type BodyEnd =
  | { readonly kind: 'complete' }
  /** The body is longer than the cap */
  | { readonly kind: 'full' }
  | { readonly kind: 'broken'; readonly detail: string };

export interface BodyReading {
  /** Bytes received so far, before decompression */
  readonly codedBytes: () => number;
  /** Frees the decompressor */
  readonly stop: () => void;
}

/** A body's source: a response. */
type Source = Readable & { readonly headers: { readonly 'content-encoding'?: string | undefined } };

/** Compressed bytes read per byte of body allowed. Without this limit, a body that inflates to nothing never ends. */
const CODED_BYTES_PER_BODY_BYTE = 2;
const CODED_BYTES_MIN = 64 * 1024;

/**
 * Reads the body of `response`, decompressed, into `body`. Calls `onEnd` when that ends, possibly more than once: the
 * first call counts.
 *
 * The caller destroys `response` and stops the reading.
 */
export function readBody(
  response: Source,
  body: BodyText,
  bodyBytesMax: number,
  onEnd: (end: BodyEnd) => void,
): BodyReading {
  const coding = codingOf(response.headers['content-encoding']);
  const codedBytesMax = CODED_BYTES_MIN + CODED_BYTES_PER_BODY_BYTE * bodyBytesMax;
  let codedBytes = 0;
  let decompressor: Transform | null = null;

  const add = (chunk: Buffer): void => {
    if (body.add(chunk)) onEnd(FULL);
  };
  // Only a first byte makes the coding matter: HEAD and 204 announce one and send nothing.
  const begin = (coding: Coding, first: Buffer): void => {
    decompressor = createDecompressor(coding, first[0] ?? 0)
      .on('error', ({ message }) => onEnd({ kind: 'broken', detail: `broken ${coding}: ${message}` }))
      .on('data', add)
      .once('end', () => onEnd(COMPLETE));
    decompressor.write(first);
    response.pipe(decompressor); // with backpressure: a bomb inflates no faster than we count
  };

  response.on('data', (chunk: Buffer) => {
    codedBytes += chunk.length;
    if (coding === null) add(chunk);
    else if (coding === 'unknown') onEnd(UNKNOWN_CODING);
    else if (codedBytes > codedBytesMax) onEnd(FULL);
    else if (decompressor === null) begin(coding, chunk);
  });
  response.once('end', () => {
    if (decompressor === null) onEnd(COMPLETE);
  });
  return { codedBytes: () => codedBytes, stop: () => decompressor?.destroy() };
}

const COMPLETE: BodyEnd = { kind: 'complete' };
const FULL: BodyEnd = { kind: 'full' };
const UNKNOWN_CODING: BodyEnd = { kind: 'broken', detail: 'unknown content-encoding' };
