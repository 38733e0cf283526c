import type { TextDecoder } from 'node:util';
import { decoderFor, HEAD_BYTES } from './charset.ts';

/** Collects a body and decodes it to text. */
export interface BodyText {
  /** Takes as much of `chunk` as fits under the cap; true if some of it did not fit */
  readonly add: (chunk: Buffer) => boolean;
  /** Bytes taken so far */
  readonly size: () => number;
  /** The text so far, without a final character that a cut has split. Call it once, at the end */
  readonly text: (isCut: boolean) => string;
}

/** The first page declares the charset of the body. */
const PAGE_BYTES = 2 * HEAD_BYTES;

/**
 * Decodes a body by the charset that it declares, as browsers do; invalid bytes become U+FFFD. Takes at most
 * `bytesMax` bytes.
 *
 * Decodes while reading and keeps no chunk, so a body costs little more memory than its text. Joins small chunks first:
 * decoded one by one, a body sent in single bytes would cost a hundred times its size.
 */
export function createBodyText(contentType: string | undefined, bytesMax: number): BodyText {
  let decoder: TextDecoder | null = null;
  let page: Buffer | null = null;
  let pageBytes = 0;
  let size = 0;
  let text = '';

  const decode = (bytes: Buffer, isLast: boolean): void => {
    decoder ??= decoderFor(contentType, bytes);
    text += decoder.decode(bytes, { stream: !isLast }); // far cheaper without streaming, if this is all
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
    // Fill the first page whatever the chunks; later pages may be decoded early.
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
