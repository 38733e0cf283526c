/** Size lines and trailers longer than this are an attack. */
const LINE_BYTES_MAX = 16 * 1024;
const TRAILER_BYTES_MAX = 64 * 1024;

/** A smaller chunk costs more than its content. */
const SMALL_CHUNK_BYTES = 32;

/** What the bytes given so far have led to. */
export type ChunksSoFar =
  | { readonly kind: 'more' }
  /** The body has ended; `rest` follows it */
  | { readonly kind: 'ended'; readonly rest: Buffer }
  | { readonly kind: 'broken'; readonly detail: string }
  /** There were more small chunks and trailers than `takeLines` allows */
  | { readonly kind: 'flooded' };

type Step = 'size' | 'content' | 'after-content' | 'trailers';

/** What the beginning of a line looks like, so that a wrong one is not waited for. */
const BEGINNINGS: Readonly<Record<Exclude<Step, 'content'>, RegExp>> = {
  size: /^[0-9a-f]*[ \t]*(?:\r|;.*)?$/is,
  'after-content': /^\r?$/,
  trailers: /^/,
};

/** A size and, after a semicolon, extensions. Servers pad sizes with spaces. Zeros may precede it. */
const SIZE_LINE = /^0*([0-9a-f]{1,16})[ \t]*(?:;.*)?$/i;

/**
 * Joins the chunks of a body. Lines may end with LF alone, as in curl.
 *
 * @param onContent called with the content of chunks, as it comes
 * @returns a function that takes the next bytes; do not call it again once it has returned anything but `more`
 */
export function readChunks(
  onContent: (content: Buffer) => void,
  takeLines: (lines: number) => boolean,
): (bytes: Buffer) => ChunksSoFar {
  let step: Step = 'size';
  let bytesLeft = 0;
  let line = ''; // the beginning of one that is incomplete
  let trailerBytes = 0;

  const take = (bytes: Buffer, contents: Buffer[]): Buffer => {
    const content = bytes.subarray(0, bytesLeft);
    bytesLeft -= content.length;
    if (bytesLeft === 0) step = 'after-content';
    contents.push(content);
    return bytes.subarray(content.length);
  };
  /** Returns why the line is wrong; null if it is right. */
  const takeLine = (text: string): string | null => {
    if (step === 'after-content') {
      step = 'size';
      return text === '' ? null : 'a chunk is longer than its size';
    }
    if (step === 'trailers') return text.includes(':') ? null : 'a trailer without a colon';
    const [, size] = SIZE_LINE.exec(text) ?? [];
    if (size === undefined) return 'a chunk size is not a hexadecimal number';
    bytesLeft = Number.parseInt(size, 16);
    step = bytesLeft === 0 ? 'trailers' : 'content';
    return null;
  };

  const read = (bytes: Buffer, contents: Buffer[]): ChunksSoFar => {
    let rest = bytes;
    while (rest.length > 0) {
      if (step === 'content') {
        rest = take(rest, contents);
        continue;
      }
      const end = rest.indexOf(LF);
      line += rest.toString('latin1', 0, end === -1 ? rest.length : end);
      if (step === 'trailers') trailerBytes += end === -1 ? rest.length : end + 1;
      if (line.length > LINE_BYTES_MAX || trailerBytes > TRAILER_BYTES_MAX) {
        return { kind: 'broken', detail: 'a chunk size or trailer is too long' };
      }
      if (end === -1) return BEGINNINGS[step].test(line) ? MORE : NOT_CHUNKED;
      rest = rest.subarray(end + 1);
      const text = line.replace(/\r$/, '');
      line = '';
      if (step === 'trailers' && text === '') return { kind: 'ended', rest };
      const fault = takeLine(text);
      if (fault !== null) return { kind: 'broken', detail: fault };
      if (step !== 'size' && bytesLeft < SMALL_CHUNK_BYTES && !takeLines(1)) return FLOODED;
    }
    return MORE;
  };
  return bytes => {
    const contents: Buffer[] = [];
    const soFar = read(bytes, contents);
    const [first, ...others] = contents; // joined, because a stream costs far more for each piece than for each byte
    if (first !== undefined) onContent(others.length === 0 ? first : Buffer.concat(contents));
    return soFar;
  };
}

const LF = 0x0a;
const NOT_CHUNKED: ChunksSoFar = { kind: 'broken', detail: 'the body is not sent in chunks as announced' };
const FLOODED: ChunksSoFar = { kind: 'flooded' };
const MORE: ChunksSoFar = { kind: 'more' };
