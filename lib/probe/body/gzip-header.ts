/** Flags of a gzip header: https://www.rfc-editor.org/rfc/rfc1952#section-2.3 */
const HAS_CHECKSUM = 2;
const HAS_EXTRA = 4;
const HAS_NAME = 8;
const HAS_COMMENT = 16;
const RESERVED = 0xe0;

const FIXED_BYTES = 10;
const START = [0x1f, 0x8b, 8];

/** The length of the gzip header that `bytes` begin with, which may be incomplete or none at all. */
export function gzipHeaderLength(bytes: Buffer): number | 'incomplete' | 'invalid' {
  if (START.some((byte, index) => index < bytes.length && bytes[index] !== byte)) return 'invalid';
  const flags = bytes[3] ?? 0;
  if (flags & RESERVED) return 'invalid';
  if (bytes.length < FIXED_BYTES) return 'incomplete';

  let length = FIXED_BYTES;
  if (flags & HAS_EXTRA) {
    if (bytes.length < length + 2) return 'incomplete';
    length += 2 + bytes.readUInt16LE(length);
  }
  for (const flag of [HAS_NAME, HAS_COMMENT]) {
    if (!(flags & flag)) continue;
    const end = bytes.indexOf(0, length);
    if (end === -1) return 'incomplete';
    length = end + 1;
  }
  if (flags & HAS_CHECKSUM) length += 2;
  return length <= bytes.length ? length : 'incomplete';
}
