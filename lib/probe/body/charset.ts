import { TextDecoder } from 'node:util';
import sniffEncoding from 'html-encoding-sniffer';

/** How much of a body may say what charset it is in, in bytes. */
export const HEAD_BYTES = 1024;

const MARK_BYTES = 3;

/**
 * The decoder of a body, chosen as browsers choose it: by a byte order mark, else by the Content-Type, else by
 * what an HTML or XML document says of itself, else UTF-8. An unknown label, such as `utf-7`, counts as none.
 *
 * Source: https://html.spec.whatwg.org/#determining-the-character-encoding
 *
 * @param head the body's first bytes: HEAD_BYTES of them, or all
 */
export function decoderFor(contentType: string | undefined, head: Buffer): TextDecoder {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isXml = /^(text|application)\/xml$|\+xml$/.test(type);
  const isHtml = /^(text\/html|application\/xhtml\+xml)?$/.test(type);
  const declared = isXml || isHtml ? declaredEncoding(head) : null;
  const sniff = (label: string | null): TextDecoder | null =>
    decoderOf(
      sniffEncoding(isHtml ? head : head.subarray(0, MARK_BYTES), {
        defaultEncoding: '',
        ...(label !== null && { transportLayerEncodingLabel: label }),
      }),
    );
  const told = charsetOf(contentType);
  // To XML its declaration goes before a `<meta>`
  const label = isXml && decoderOf(told) === null ? declared : told;
  return sniff(label) ?? decoderOf(declared) ?? new TextDecoder();
}

/** The first `charset` parameter verbatim; null without one. */
export function charsetOf(contentType: string | undefined): string | null {
  for (const [, name, quoted, bare] of (contentType ?? '').matchAll(PARAMETER))
    if (name?.toLowerCase() === 'charset') return quoted ?? bare ?? null;
  return null;
}

/** More lenient than RFC 9110: spaces around `=`, and a quoted value without its second quote. */
const PARAMETER = /;\s*([^\s;=]+)\s*=\s*(?:"([^"]*)"?|([^\s;]*))/g;

function decoderOf(encoding: string | null): TextDecoder | null {
  if (encoding === null || encoding === '') return null;
  try {
    return new TextDecoder(encoding);
  } catch {
    return null; // a label that Node does not know is no reason to call a website down
  }
}

/** Of an XML declaration, which in UTF-16 shows by its first characters. */
function declaredEncoding(head: Buffer): string | null {
  const text = head.toString('latin1', 0, HEAD_BYTES);
  if (text.startsWith('<\0?\0x\0')) return 'utf-16le';
  if (text.startsWith('\0<\0?\0x')) return 'utf-16be';
  const [, , label = null] = /^<\?xml\s[^>]*?\bencoding\s*=\s*(["'])([^"'>]*)\1/.exec(text) ?? [];
  // A declaration that can be read in single bytes is not in UTF-16, whatever it says
  return label !== null && /^\s*utf-16(le|be)?\s*$/i.test(label) ? 'utf-8' : label;
}
