import { decodeText, encodingOf } from './decode-text.ts';

const LINE_FEED = 0x0a;

/**
 * Decodes a stream of text in whole lines, as `decodeText` does. What is not UTF-8 from some line on is read as
 * Windows-1252, in which spreadsheets save CSV.
 *
 * @param onForeign called once if that is so
 */
export async function* decodeLines(
  chunks: AsyncIterable<Uint8Array>,
  onForeign: () => void,
): AsyncGenerator<string> {
  let waiting = Buffer.of();
  let decode: ((bytes: Uint8Array) => string) | undefined;
  for await (const chunk of chunks) {
    waiting = Buffer.concat([waiting, chunk]);
    if (decode === undefined && waiting.length < 2) continue; // too short to tell the encoding
    decode ??= encodingOf(waiting) === 'utf-8' ? lenientDecoder(onForeign) : undefined;
    if (decode === undefined) continue; // UTF-16 is read whole: rare, and small
    const end = waiting.lastIndexOf(LINE_FEED) + 1;
    if (end === 0) continue;
    yield decode(waiting.subarray(0, end));
    waiting = waiting.subarray(end);
  }
  if (waiting.length > 0) yield decode === undefined ? decodeText(waiting) : decode(waiting);
}

function lenientDecoder(onForeign: () => void): (bytes: Uint8Array) => string {
  let decoder = new TextDecoder('utf-8', { fatal: true });
  return bytes => {
    try {
      return decoder.decode(bytes);
    } catch {
      decoder = new TextDecoder('windows-1252'); // takes every byte
      onForeign();
      return decoder.decode(bytes);
    }
  };
}
