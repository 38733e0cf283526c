import type { Readable, Transform } from 'node:stream';
import type { BodyText } from './body-text.ts';
import type { Coding } from './decompress.ts';
import { codingOf, createDecompressor } from './decompress.ts';

export type BodyEnd =
  | { readonly kind: 'complete' }
  /** More came than the cap allows */
  | { readonly kind: 'full' }
  | { readonly kind: 'broken'; readonly detail: string };

export interface BodyReading {
  /** What has come so far, before decompression */
  readonly codedBytes: () => number;
  /** Frees what was made here */
  readonly stop: () => void;
}

/** Compressed bytes that are read for each byte of body that is allowed: some inflate to nothing. */
const CODED_BYTES_PER_BODY_BYTE = 2;
const CODED_BYTES_MIN = 64 * 1024;

/**
 * Pours the body of `stream`, decompressed, into `body`, and says once how that ended.
 *
 * The caller destroys `stream`, and stops the reading.
 */
export function readBody(
  stream: Readable,
  contentEncoding: string | undefined,
  body: BodyText,
  bodyBytesMax: number,
  onEnd: (end: BodyEnd) => void,
): BodyReading {
  const codedBytesMax = CODED_BYTES_MIN + CODED_BYTES_PER_BODY_BYTE * bodyBytesMax;
  let codedBytes = 0;
  let decompressor: Transform | null = null;
  const pour = (source: Readable): void => {
    source.on('data', (chunk: Buffer) => {
      if (body.add(chunk)) onEnd({ kind: 'full' });
    });
    source.once('end', () => onEnd({ kind: 'complete' }));
  };
  const decompress = (coding: Coding, first: Buffer): void => {
    decompressor = createDecompressor(coding, first[0] ?? 0);
    decompressor.on('error', ({ message }) =>
      onEnd({ kind: 'broken', detail: `broken ${coding}: ${message}` }),
    );
    pour(decompressor);
    decompressor.write(first);
    stream.pipe(decompressor); // with backpressure: a bomb is not inflated faster than it is counted
  };

  const coding = codingOf(contentEncoding);
  stream.on('data', (chunk: Buffer) => {
    codedBytes += chunk.length;
    if (codedBytes > codedBytesMax) onEnd({ kind: 'full' });
  });
  if (coding === null) pour(stream);
  else {
    // Only a first byte makes the coding matter: HEAD and 204 announce one and send none.
    stream.once('end', () => decompressor ?? onEnd({ kind: 'complete' }));
    stream.once('data', first => {
      if (coding === 'unknown') onEnd({ kind: 'broken', detail: 'unknown content-encoding' });
      else decompress(coding, first);
    });
  }
  return { codedBytes: () => codedBytes, stop: () => decompressor?.destroy() };
}
