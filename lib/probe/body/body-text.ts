import type { TextDecoder } from 'node:util';
import { decoderFor, HEAD_BYTES } from './charset.ts';

/** A body on its way from bytes to text. */
export interface BodyText {
  /** Takes what fits of `chunk` under the cap; true where that was not all of it */
  readonly add: (chunk: Buffer) => boolean;
  /** Bytes taken so far */
  readonly size: () => number;
  /** The text so far. A character that a cut went through is left out. To be called once, at the end */
  readonly text: (isCut: boolean) => string;
}

/** The first page says what charset the body is in. */
const PAGE_BYTES = 2 * HEAD_BYTES;

/**
 * Decodes a body by the charset that it declares, as browsers do; bytes that mean nothing in it become
 * U+FFFD. At most `bytesMax` bytes are taken.
 *
 * Decodes as it goes and keeps no chunk, so that a body costs its text and little more. Small chunks
 * are put together first: one by one, a body sent in single bytes would cost a hundred times its size.
 */
export function createBodyText(contentType: string | undefined, bytesMax: number): BodyText {
  let decoder: TextDecoder | null = null;
  let page: Buffer | null = null;
  let pageBytes = 0;
  let size = 0;
  let text = '';

  const decode = (bytes: Buffer, isLast: boolean): void => {
    decoder ??= decoderFor(contentType, bytes);
    text += decoder.decode(bytes, { stream: !isLast }); // far cheaper where the last is all there is
  };
  const turnPage = (isLast: boolean): void => {
    if (page !== null && (pageBytes > 0 || isLast)) decode(page.subarray(0, pageBytes), isLast);
    pageBytes = 0;
  };
  const put = (bytes: Buffer): void => {
    page ??= Buffer.allocUnsafe(PAGE_BYTES);
    page.set(bytes, pageBytes);
    pageBytes += bytes.length;
  };
  const take = (bytes: Buffer): void => {
    const fits = pageBytes + bytes.length <= PAGE_BYTES;
    // The first page is filled, however it comes; later ones may be turned early.
    const first = decoder === null && pageBytes > 0 && !fits ? PAGE_BYTES - pageBytes : 0;
    put(bytes.subarray(0, first));
    if (!fits) turnPage(false);
    const rest = bytes.subarray(first);
    if (rest.length > PAGE_BYTES) decode(rest, false);
    else put(rest);
  };

  return {
    add: chunk => {
      const fitting = chunk.subarray(0, bytesMax - size);
      size += fitting.length;
      take(fitting);
      return fitting.length < chunk.length;
    },
    size: () => size,
    text: isCut => {
      turnPage(!isCut);
      return text;
    },
  };
}
