import { TextDecoder } from 'node:util';

/** A body on its way from bytes to text. */
export interface BodyText {
  /** Takes what fits of `chunk` under the cap; true where that was not all of it */
  readonly add: (chunk: Buffer) => boolean;
  /** Bytes taken so far */
  readonly size: () => number;
  /** The text so far. A character that a cut went through is left out. To be called once, at the end */
  readonly text: (isCut: boolean) => string;
}

const PAGE_BYTES = 2048;

/**
 * Decodes a body by the charset that its Content-Type declares, else as UTF-8; bytes that mean
 * nothing in it become U+FFFD. At most `bytesMax` bytes are taken.
 *
 * Decodes as it goes and keeps no chunk, so that a body costs its text and little more. Small chunks
 * are put together first: one by one, a body sent in single bytes would cost a hundred times its size.
 */
export function createBodyText(contentType: string | undefined, bytesMax: number): BodyText {
  const decoder = decoderFor(charsetOf(contentType));
  let page: Buffer | null = null;
  let pageBytes = 0;
  let size = 0;
  let text = '';

  const turnPage = (): void => {
    if (page !== null) text += decoder.decode(page.subarray(0, pageBytes), { stream: true });
    pageBytes = 0;
  };

  return {
    add: chunk => {
      const fitting = chunk.subarray(0, bytesMax - size);
      size += fitting.length;
      if (pageBytes + fitting.length > PAGE_BYTES) turnPage();
      if (fitting.length > PAGE_BYTES) {
        text += decoder.decode(fitting, { stream: true });
      } else {
        page ??= Buffer.allocUnsafe(PAGE_BYTES);
        page.set(fitting, pageBytes);
        pageBytes += fitting.length;
      }
      return fitting.length < chunk.length;
    },
    size: () => size,
    text: isCut => {
      turnPage();
      return isCut ? text : text + decoder.decode();
    },
  };
}

/** The `charset` parameter as it stands there, `utf-8` where there is none. */
export function charsetOf(contentType: string | undefined): string {
  const parameter = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(contentType ?? '');
  return parameter?.[1] ?? parameter?.[2] ?? 'utf-8';
}

/** Labels mean what they mean to browsers: `iso-8859-1` is windows-1252. */
function decoderFor(label: string): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder(); // a label that nobody knows is no reason to call a website down
  }
}
