import ipaddr from 'ipaddr.js';
import { covers, type Ip, type IpRange, ipRange } from './ip-range.ts';

/**
 * Addresses that are not public unicast: those of
 * https://www.iana.org/assignments/iana-ipv4-special-registry, of the registry for IPv6, and multicast. The
 * registries list some parts of 192.0.0.0/24 and 2001::/23 as globally reachable. These are special here too:
 * they serve protocols of routers and no websites.
 */
const SPECIAL: readonly (readonly [what: string, ...ranges: string[]])[] = [
  ['this machine itself', '0.0.0.0/8', '127.0.0.0/8', '::/127'],
  ['private', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10'],
  ['link-local', '169.254.0.0/16', 'fe80::/10'],
  ['shared behind a carrier’s NAT', '100.64.0.0/10'],
  ['multicast', '224.0.0.0/4', 'ff00::/8'],
  ['for documentation', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'],
  ['for benchmarks', '198.18.0.0/15', '2001:2::/48'],
  ['for tunnels', '192.88.99.0/24', '2001::/32', '2002::/16'],
  ['reserved', '192.0.0.0/24', '240.0.0.0/4', '2001::/23'],
];

/** Where clouds serve credentials to a machine. Some of these addresses are in public ranges. */
const METADATA = [
  '169.254.169.254', // AWS, Azure, Google, Oracle, DigitalOcean, OpenStack and most others
  '169.254.169.252', // Google, for pods of GKE
  '169.254.170.2', // AWS, for tasks of ECS
  '169.254.170.23', // AWS, for pods of EKS
  '169.254.42.42', // Scaleway
  '169.254.0.23', // Tencent
  '169.254.10.10', // Tencent
  '100.100.100.200', // Alibaba
  '100.96.0.96', // Volcano Engine
  '100.80.80.80', // UCloud
  '168.63.129.16', // Azure
  '192.0.0.192', // Oracle, older
  'fd00:ec2::254', // AWS
  'fd00:ec2::23', // AWS, for pods of EKS
  'fd20:ce::254', // Google
  'fd00:c1::a9fe:a9fe', // Oracle
  'fd00:a9fe:a9fe::1', // Akamai
  'fd00:100::100:200', // Alibaba
  'fd00:42::42', // Scaleway
  'fe80::a9fe:a9fe', // OpenStack, Akamai
] as const;

const SPECIAL_RANGES = SPECIAL.map(([what, ...ranges]) => ({ what, ranges: ranges.map(ipRange) }));
const METADATA_RANGES = METADATA.map(ipRange);
const HANDED_OUT = ipRange('2000::/3');

export const isIn = (ranges: readonly IpRange[], ip: Ip): boolean => ranges.some(range => covers(range, ip));

/** Describes a special address, completing "the address is …"; null for public unicast. */
export function specialty(ip: Ip): string | null {
  const special = SPECIAL_RANGES.find(({ ranges }) => isIn(ranges, ip));
  if (special) return special.what;
  if (ip instanceof ipaddr.IPv4) return null;
  if (isIsatap(ip)) return 'for tunnels';
  return covers(HANDED_OUT, ip) ? null : 'not public';
}

/** RFC 5214, section 6.1: packets are tunnelled to the IPv4 address in the last four bytes. */
function isIsatap(ip: ipaddr.IPv6): boolean {
  const [flags, zero, five, efe] = ip.toByteArray().slice(8);
  return (flags === 0 || flags === 2) && zero === 0 && five === 0x5e && efe === 0xfe;
}

/** The address to judge: itself, or the IPv4 address that it represents. */
export const meaningOf = (ip: Ip): Ip =>
  ip instanceof ipaddr.IPv6 && (ip.isIPv4MappedAddress() || isIn(OTHER_SPELLINGS_OF_IPV4, ip))
    ? ipv4At(ip.toByteArray(), [12, 13, 14, 15])
    : ip;

/** Translated (RFC 2765), and NAT64 (RFC 6052). */
const OTHER_SPELLINGS_OF_IPV4 = [ipRange('::ffff:0:0:0/96'), ipRange('64:ff9b::/96')];

/** Returns the metadata address that this one is or may be translated or tunnelled to, else undefined. */
export function metadataIn(ip: Ip): Ip | undefined {
  const bytes = ip.toByteArray();
  const carried = ip instanceof ipaddr.IPv4 ? [] : CARRIED_AT.map(places => ipv4At(bytes, places));
  return [ip, ...carried].find(address => isIn(METADATA_RANGES, address));
}

const ipv4At = (bytes: readonly number[], places: readonly number[]): Ip =>
  new ipaddr.IPv4(places.map(place => bytes[place] ?? 0));

/** Byte positions of an embedded IPv4 address: RFC 6052, section 2.2, by prefix length; and 6to4. */
const CARRIED_AT = [
  [12, 13, 14, 15],
  [9, 10, 11, 12],
  [7, 9, 10, 11],
  [6, 7, 9, 10],
  [5, 6, 7, 9],
  [4, 5, 6, 7],
  [2, 3, 4, 5],
] as const;
