import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export type Ip = ipaddr.IPv4 | ipaddr.IPv6;

/** The addresses of the family of `base` that share its first `bits` bits. */
export interface IpRange {
  readonly base: Ip;
  readonly bits: number;
}

/**
 * Parses an address and drops its zone, which names an interface; null if it is invalid.
 *
 * Node validates addresses and the URL parser normalizes IPv6, because the library is too lenient: it accepts
 * `0x7f.1`, and parses `::8.8.8.8` as an IPv4 address.
 */
export function parseIp(text: string): Ip | null {
  const [unzoned = ''] = text.split('%');
  const family = isIP(unzoned);
  if (family === 0) return null;
  return ipaddr.parse(family === 4 ? unzoned : new URL(`http://[${unzoned}]`).hostname.slice(1, -1));
}

export const bitsOf = (ip: Ip): number => 8 * ip.toByteArray().length;

/**
 * Parses an address or a range, such as `10.0.0.0/8`. Converts IPv4-mapped IPv6 addresses and ranges to IPv4.
 *
 * @throws RangeError if `text` is neither
 */
export function ipRange(text: string): IpRange {
  const [, address = '', prefix] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const base = parseIp(address);
  if (base === null) throw notARange(text);
  const bits = Number(prefix ?? bitsOf(base));
  if (bits > bitsOf(base)) throw notARange(text);
  const isMapped = base instanceof ipaddr.IPv6 && base.isIPv4MappedAddress() && bits >= 96;
  return isMapped ? { base: base.toIPv4Address(), bits: bits - 96 } : { base, bits };
}

const notARange = (text: string): RangeError =>
  new RangeError(
    `${text}: must be an address, or a range as in 10.0.0.0/8${text.includes('%') ? ', without an IPv6 zone' : ''}`,
  );

export const covers = ({ base, bits }: IpRange, ip: Ip): boolean =>
  base.kind() === ip.kind() && ip.match(base, bits);
