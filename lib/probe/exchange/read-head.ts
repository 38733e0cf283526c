import { parseHead, type ResponseHead } from './response-head.ts';

/** What the bytes given so far have led to. */
export type HeadSoFar =
  | { readonly kind: 'more' }
  /** `rest` follows the head */
  | { readonly kind: 'ended'; readonly head: ResponseHead; readonly rest: Buffer }
  | { readonly kind: 'broken'; readonly detail: string }
  /** There were more lines than `takeLines` allows */
  | { readonly kind: 'flooded' };

/** More than websites send. */
const HEAD_BYTES_MAX = 64 * 1024;

const START = 'HTTP/';

/**
 * Reads the head of a final response. Skips empty lines before it, and announcements of it (status 1xx but for 101,
 * which answers a question that we did not ask).
 *
 * @returns a function that takes the next bytes; do not call it again once it has returned anything but `more`
 */
export function readHead(takeLines: (lines: number) => boolean): (bytes: Buffer) => HeadSoFar {
  let held = ''; // only appended to: looking into it would copy it each time
  let tail = ''; // its last characters
  let isFirstLine = true;

  const startOver = (): void => {
    held = '';
    tail = '';
    isFirstLine = true;
  };
  /** Returns why what came so far cannot become a head, so that its end is not waited for. */
  const faultOf = (text: string): string | null => {
    if (held.length > HEAD_BYTES_MAX) return 'the headers are longer than 64 KiB';
    const isStart = held.length - text.length < START.length;
    if (isStart && !START.startsWith(held.slice(0, START.length).toUpperCase()))
      return 'the response is not HTTP';
    if (isFirstLine && /^[^\n]*\r[^\r\n]/.test(tail + text))
      return 'the status line does not end with a line feed';
    return null;
  };

  return bytes => {
    let rest = bytes;
    while (rest.length > 0) {
      if (held === '') rest = rest.subarray(lineBreaksAt(rest));
      const end = endOfHead(tail, rest);
      const text = rest.toString('latin1', 0, end ?? rest.length);
      rest = rest.subarray(text.length);
      held += text;
      const fault = faultOf(text);
      if (fault !== null) return { kind: 'broken', detail: fault };
      isFirstLine &&= !text.includes('\n');
      tail = (tail + text).slice(-3);
      if (end === null) return MORE;
      const parsed = parseHead(held.replace(/\r?\n\r?\n$/, ''));
      if (parsed.kind === 'invalid') return { kind: 'broken', detail: parsed.detail };
      if (!takeLines(parsed.lines)) return FLOODED;
      if (!isAnnouncement(parsed.head)) return { kind: 'ended', head: parsed.head, rest };
      startOver();
    }
    return MORE;
  };
}

/** Where in `bytes`, which follow `tail`, the empty line ends that ends a head; null if it has not come. */
function endOfHead(tail: string, bytes: Buffer): number | null {
  const across = /\n\r?\n/.exec(tail + bytes.toString('latin1', 0, 2));
  if (across !== null) return across.index + across[0].length - tail.length;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return at + 2;
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3;
  }
  return null;
}

/** How many line breaks `bytes` begin with. */
function lineBreaksAt(bytes: Buffer): number {
  const at = bytes.findIndex(byte => byte !== CR && byte !== LF);
  return at === -1 ? bytes.length : at;
}

const isAnnouncement = ({ status }: ResponseHead): boolean => status >= 100 && status < 200 && status !== 101;

const CR = 0x0d;
const LF = 0x0a;
const MORE: HeadSoFar = { kind: 'more' };
const FLOODED: HeadSoFar = { kind: 'flooded' };
