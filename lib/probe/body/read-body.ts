import type { Duplex, Readable } from 'node:stream';
import type { BodyText } from './body-text.ts';
import type { Coding } from './codings.ts';
import { createDecompressor } from './decompress.ts';

export type BodyEnd =
  | { readonly kind: 'complete' }
  /** The body is longer than the cap */
  | { readonly kind: 'full' }
  | { readonly kind: 'broken'; readonly detail: string };

export interface BodyReading {
  /** Frees the decompressors */
  readonly stop: () => void;
}

/** Compressed bytes read per byte of body allowed. Without this limit, a body that inflates to nothing never ends. */
const CODED_BYTES_PER_BODY_BYTE = 2;
const CODED_BYTES_MIN = 64 * 1024;

/**
 * Reads a body from `source`, decompressed, into `add`. Calls `onEnd` when that ends, possibly more than once: the first
 * call counts.
 *
 * The caller destroys `source` and stops the reading.
 *
 * @param codings outermost first; null if there are too many
 */
export function readBody(
  source: Readable,
  codings: readonly Coding[] | null,
  add: BodyText['add'],
  bodyBytesMax: number,
  onEnd: (end: BodyEnd) => void,
): BodyReading {
  const codedBytesMax = CODED_BYTES_MIN + CODED_BYTES_PER_BODY_BYTE * bodyBytesMax;
  const decompressors: Duplex[] = [];

  const take = (source: Readable): void => {
    source.on('data', (chunk: Buffer) => {
      if (add(chunk)) onEnd(FULL);
    });
  };
  const decode = (source: Readable, coding: Coding, inner: readonly Coding[]): void => {
    let bytes = 0;
    source.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > codedBytesMax) onEnd(FULL);
    });
    source.once('data', (first: Buffer) => {
      const decompressor = createDecompressor(coding, first[0] ?? 0).on('error', ({ message }) =>
        onEnd({ kind: 'broken', detail: `broken ${coding}: ${message}` }),
      );
      decompressors.push(decompressor);
      source.off('end', complete);
      read(decompressor, inner);
      decompressor.write(first);
      source.pipe(decompressor); // with backpressure: a bomb inflates no faster than we count
    });
  };
  const complete = (): void => onEnd(COMPLETE);
  // Only a first byte makes a coding matter: HEAD and 204 announce one and send nothing.
  const read = (source: Readable, [coding, ...inner]: readonly Coding[]): void => {
    source.once('end', complete);
    if (coding === undefined) take(source);
    else decode(source, coding, inner);
  };

  if (codings === null) source.once('data', () => onEnd(TOO_MANY_LAYERS));
  read(source, codings ?? []);
  return {
    stop: () => {
      for (const decompressor of decompressors) decompressor.destroy();
    },
  };
}

const COMPLETE: BodyEnd = { kind: 'complete' };
const FULL: BodyEnd = { kind: 'full' };
const TOO_MANY_LAYERS: BodyEnd = { kind: 'broken', detail: 'more than five content codings' };
