import { isIP } from 'node:net';

/** An address as its 4 or 16 bytes, the one spelling in which addresses are compared. */
export type IpBytes = readonly number[];

/** Addresses whose first `bits` bits are those of `base`, of its own family. */
export interface IpRange {
  readonly base: IpBytes;
  readonly bits: number;
}

/** Without its zone, for that says which way, not where to; null for what is no address. */
export function ipBytes(address: string): IpBytes | null {
  const [unzoned = ''] = address.split('%');
  if (isIP(unzoned) === 4) return unzoned.split('.').map(Number);
  return isIP(unzoned) === 6 ? ipv6Bytes(unzoned) : null;
}

/** Reads the parser's spelling: hexadecimal, with at most one `::`. */
function ipv6Bytes(address: string): IpBytes {
  const [before = '', after = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [head, tail] = [groups(before), groups(after)];
  const zeros = Array<number>(8 - head.length - tail.length).fill(0);
  return [...head, ...zeros, ...tail].flatMap(group => [group >> 8, group & 0xff]);
}

const groups = (text: string): number[] =>
  text === '' ? [] : text.split(':').map(group => Number.parseInt(group, 16));

/** Decimal, or hexadecimal in its shortest form. */
export function ipText(bytes: IpBytes): string {
  if (bytes.length === 4) return bytes.join('.');
  const hex = Buffer.from(bytes).toString('hex').match(/.{4}/g) ?? [];
  return new URL(`http://[${hex.join(':')}]`).hostname.slice(1, -1);
}

/**
 * Reads an address or a range of them, as in `10.0.0.0/8`; what lies in `::ffff:0:0/96` as the IPv4
 * that it spells.
 *
 * @throws RangeError if it is neither
 */
export function ipRange(text: string): IpRange {
  const [, address = '', prefix] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const base = ipBytes(address);
  const bits = Number(prefix ?? 8 * (base?.length ?? 0));
  if (base === null || bits > 8 * base.length)
    throw new RangeError(`${text}: must be an address, or a range as in 10.0.0.0/8`);
  const isMapped = bits >= 96 && covers(IPV4_MAPPED, base);
  return isMapped ? { base: base.slice(12), bits: bits - 96 } : { base, bits };
}

export const IPV4_MAPPED: IpRange = {
  base: [...Array<number>(10).fill(0), 0xff, 0xff, 0, 0, 0, 0],
  bits: 96,
};

export const covers = ({ base, bits }: IpRange, bytes: IpBytes): boolean =>
  bytes.length === base.length &&
  bytes.every((byte, index) => isSame(byte, base[index] ?? 0, bits - 8 * index));

/** In their first `bits` bits; 0 and less = none, 8 and more = all. */
const isSame = (byte: number, other: number, bits: number): boolean =>
  (byte ^ other) >> (8 - Math.max(0, Math.min(8, bits))) === 0;
