/**
 * Decodes a text file as its byte order mark says: UTF-8 or UTF-16. Without a mark it is UTF-8, or UTF-16 if every
 * other byte of its beginning is zero, as Windows tools write it. The mark itself is left out.
 */
export const decodeText = (bytes: Uint8Array): string => new TextDecoder(encodingOf(bytes)).decode(bytes);

/** What `decodeText` takes the bytes for. */
export function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0 && second) return 'utf-16be';
  return first && second === 0 ? 'utf-16le' : 'utf-8';
}
