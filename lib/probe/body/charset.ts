import { TextDecoder } from 'node:util';

/** How much of a body may say what charset it is in, in bytes. */
export const HEAD_BYTES = 1024;

/**
 * The decoder of a body, chosen as browsers choose it (https://html.spec.whatwg.org/#determining-the-character-encoding):
 * by a byte order mark, else by the Content-Type, else by what an HTML or XML document says of itself,
 * else UTF-8. A label that nobody knows, such as `utf-7`, counts as none. Labels mean what they mean to
 * browsers: `iso-8859-1` is windows-1252.
 *
 * @param head the body's first bytes: HEAD_BYTES of them, or all
 */
export function decoderFor(contentType: string | undefined, head: Buffer): TextDecoder {
  const mark = BYTE_ORDER_MARKS.find(({ bytes }) => head.subarray(0, bytes.length).equals(bytes));
  const named = mark?.label ?? charsetOf(contentType);
  return decoderOf(named) ?? decoderOf(labelWithin(head, contentType)) ?? new TextDecoder();
}

const BYTE_ORDER_MARKS = [
  { bytes: Buffer.from('efbbbf', 'hex'), label: 'utf-8' },
  { bytes: Buffer.from('fffe', 'hex'), label: 'utf-16le' },
  { bytes: Buffer.from('feff', 'hex'), label: 'utf-16be' },
];

/** The first `charset` parameter as it stands there; null where there is none. */
export function charsetOf(contentType: string | undefined): string | null {
  for (const [, name, quoted, bare] of (contentType ?? '').matchAll(PARAMETER))
    if (name?.toLowerCase() === 'charset') return quoted ?? bare ?? null;
  return null;
}

/** A quoted value ends at its second quote, or where the header does. */
const PARAMETER = /;\s*([^\s;=]+)\s*=\s*(?:"([^"]*)"?|([^\s;]*))/g;

const decoderOf = (label: string | null): TextDecoder | null => {
  try {
    return label === null ? null : new TextDecoder(label);
  } catch {
    return null; // a label that nobody knows is no reason to call a website down
  }
};

/** What the document says, where it is of a kind that says it: to XML its declaration goes before a `<meta>`. */
function labelWithin(head: Buffer, contentType: string | undefined): string | null {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isXml = /^(text|application)\/xml$|\+xml$/.test(type);
  const isHtml = /^(text\/html|application\/xhtml\+xml)?$/.test(type);
  if (!isXml && !isHtml) return null;
  const text = head.toString('latin1', 0, HEAD_BYTES);
  const declared = declaredLabel(text);
  const meta = isHtml ? metaLabel(text) : null;
  return isXml ? (declared ?? meta) : (meta ?? declared);
}

/** Of an XML declaration, which in UTF-16 tells by its first characters alone. */
function declaredLabel(text: string): string | null {
  if (text.startsWith('<\0?\0x\0')) return 'utf-16le';
  if (text.startsWith('\0<\0?\0x')) return 'utf-16be';
  const [, , label = null] = /^<\?xml\s[^>]*?\bencoding\s*=\s*(["'])([^"'>]*)\1/.exec(text) ?? [];
  return asRead(label);
}

/** Of the first `<meta>` whose charset somebody knows, outside comments and other tags. */
function metaLabel(text: string): string | null {
  for (const [, attributes] of text.matchAll(COMMENT_OR_TAG)) {
    const label = asRead(attributes === undefined ? null : charsetOfMeta(attributes));
    if (decoderOf(label) !== null) return label;
  }
  return null;
}

const ATTRIBUTES = `(?:"[^"]*"|'[^']*'|[^"'>])*`;
const COMMENT_OR_TAG = new RegExp(
  `<!--.*?(?:-->|$)|<meta[\\s/](${ATTRIBUTES})>|</?[a-z]${ATTRIBUTES}>`,
  'gis',
);
const ATTRIBUTE = /([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;

function charsetOfMeta(attributes: string): string | null {
  const values = new Map<string, string>();
  for (const [, name = '', double, single, bare] of attributes.matchAll(ATTRIBUTE)) {
    const key = name.toLowerCase();
    if (!values.has(key)) values.set(key, double ?? single ?? bare ?? '');
  }
  const label = values.get('charset');
  if (label !== undefined) return label;
  if (values.get('http-equiv')?.toLowerCase() !== 'content-type') return null;
  const [, double, single, bare] =
    /charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))/i.exec(values.get('content') ?? '') ?? [];
  return double ?? single ?? bare ?? null;
}

/** Whoever reads that a text is in UTF-16 has read it as something else. */
const asRead = (label: string | null): string | null =>
  label !== null && /^\s*utf-16(le|be)?\s*$/i.test(label) ? 'utf-8' : label;
