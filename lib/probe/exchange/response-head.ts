/** The headers that a check reads. All others only cost time. */
export interface ResponseHeaders {
  readonly connection?: string;
  readonly 'content-encoding'?: string;
  readonly 'content-length'?: string;
  readonly 'content-type'?: string;
  readonly location?: string;
  readonly 'set-cookie'?: readonly string[];
  readonly 'transfer-encoding'?: string;
}

/** Status line and headers. Text has a character for each byte. */
export interface ResponseHead {
  readonly status: number;
  /** HTTP/1.1: the connection stays open unless a header says otherwise */
  readonly isPersistent: boolean;
  /** `Content-Length` in bytes; null if the response has none */
  readonly contentLength: number | null;
  readonly headers: ResponseHeaders;
}

export type ParsedHead =
  /** `lines` counts the status line and the empty one, too: it is what the head costs */
  | { readonly kind: 'head'; readonly head: ResponseHead; readonly lines: number }
  | { readonly kind: 'invalid'; readonly detail: string };

/** Versions and letters as curl accepts them, and HTTP/0.9 as some devices say for 1.0. */
const STATUS_LINE = /^HTTP\/(0\.9|1\.[01]|2(?:\.0)?) +(\d{3})(?!\d)/i;

/** The first of several headers of these names counts, as in browsers; others are joined by commas. */
const FIRST_COUNTS: ReadonlySet<string> = new Set(['content-type', 'location']);
const JOINED: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'transfer-encoding',
]);

/**
 * Parses a head as leniently as curl: lines may end with LF alone, names and values may contain anything but NUL,
 * spaces may precede the colon, and a value may be folded over lines.
 *
 * @param text without the empty line that ends it
 */
export function parseHead(text: string): ParsedHead {
  if (text.includes('\0')) return invalid('a NUL in the headers');
  const lineEnd = text.indexOf('\n');
  const [statusLine, rest] = lineEnd === -1 ? [text, ''] : [text.slice(0, lineEnd), text.slice(lineEnd + 1)];
  const [, version = '', status] = STATUS_LINE.exec(statusLine) ?? [];
  if (status === undefined) return invalid('the status line is not valid');
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  const lines = rest === '' ? [] : unfolded(rest).split('\n');
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon === -1) return invalid('a header without a colon');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (name === 'set-cookie') cookies.push(valueIn(line, colon));
    else if (JOINED.has(name)) headers[name] = joined(headers[name], valueIn(line, colon));
    else if (FIRST_COUNTS.has(name)) headers[name] ??= valueIn(line, colon);
  }
  const lengths = lengthsIn(headers['content-length']);
  if (lengths === 'invalid') return invalid('the content-length is not a number');
  if (lengths.length > 1) return invalid('the response has several lengths');
  if (lengths.length > 0 && !/^(?:identity)?$/i.test(headers['transfer-encoding'] ?? '')) {
    return invalid('the response has both a content-length and a transfer-encoding');
  }
  const head = {
    contentLength: lengths[0] ?? null,
    status: Number(status),
    isPersistent: version === '1.1',
    headers: cookies.length === 0 ? headers : { ...headers, 'set-cookie': cookies },
  };
  return { kind: 'head', head, lines: lines.length + 2 };
}

/** A line that begins with a space or tab continues the header before it. */
const unfolded = (headers: string): string => headers.replaceAll(/\r?\n[ \t]+/g, ' ');

/** Strips spaces and controls, in ASCII alone: a byte 160 may end a character of UTF-8. */
function valueIn(line: string, colon: number): string {
  let start = colon + 1;
  let end = line.length;
  while (start < end && line.charCodeAt(start) <= SPACE) start += 1;
  while (start < end && line.charCodeAt(end - 1) <= SPACE) end -= 1;
  return line.slice(start, end);
}

const SPACE = 0x20;

const joined = (before: string | undefined, value: string): string =>
  before === undefined ? value : `${before}, ${value}`;

const LENGTH_MAX = 2n ** 64n - 1n;

/** The different lengths in `Content-Length` headers: the same one may be repeated. */
function lengthsIn(header: string | undefined): readonly number[] | 'invalid' {
  if (header === undefined) return [];
  const texts = header.split(',').map(text => text.trim().replace(/^0+(?=\d)/, ''));
  if (!texts.every(text => /^\d{1,20}$/.test(text))) return 'invalid';
  const lengths = new Set(texts.map(BigInt));
  return [...lengths].some(length => length > LENGTH_MAX) ? 'invalid' : [...lengths].map(Number);
}

const invalid = (detail: string): ParsedHead => ({ kind: 'invalid', detail });
