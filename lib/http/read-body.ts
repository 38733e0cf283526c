import type { Readable, Transform } from 'node:stream';
import type { BodyText } from './body-text.ts';
import { codingOf, createDecompressor } from './decompress.ts';

export type BodyEnd =
  | { readonly kind: 'complete' }
  /** More came than the cap allows */
  | { readonly kind: 'full' }
  | { readonly kind: 'broken'; readonly detail: string };

/**
 * Pours the body of `stream`, decompressed, into `body`, and says once how that ended.
 *
 * The caller destroys `stream`, and calls the function returned to free what was made here.
 */
export function readBody(
  stream: Readable,
  contentEncoding: string | undefined,
  body: BodyText,
  onEnd: (end: BodyEnd) => void,
): () => void {
  let decompressor: Transform | null = null;
  const pour = (source: Readable): void => {
    source.on('data', (chunk: Buffer) => {
      if (body.add(chunk)) onEnd({ kind: 'full' });
    });
    source.once('end', () => onEnd({ kind: 'complete' }));
  };

  const coding = codingOf(contentEncoding);
  if (coding === null) {
    pour(stream);
    return () => {};
  }
  // Only a first byte makes the coding matter: HEAD and 204 announce one and send none.
  stream.once('end', () => decompressor ?? onEnd({ kind: 'complete' }));
  stream.once('data', (first: Buffer) => {
    if (coding === 'unknown') return onEnd({ kind: 'broken', detail: 'unknown content-encoding' });
    decompressor = createDecompressor(coding, first[0] ?? 0);
    decompressor.on('error', ({ message }) =>
      onEnd({ kind: 'broken', detail: `broken ${coding}: ${message}` }),
    );
    pour(decompressor);
    decompressor.write(first);
    stream.pipe(decompressor); // with backpressure: a bomb is not inflated faster than it is counted
  });
  return () => decompressor?.destroy();
}
