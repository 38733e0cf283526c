import { BlockList } from 'node:net';
import type { PrivateTargets } from '../domain/private-targets.ts';
import { type Address, literalAddress } from './resolution.ts';

declare const permitted: unique symbol;

/** An address that the guard has let through: only such are connected to. */
export type PermittedAddress = Address & { readonly [permitted]: true };

/** What may be connected to of a host's addresses; the reason where that is nothing. */
export type Permission =
  | { readonly kind: 'permitted'; readonly addresses: readonly PermittedAddress[] }
  | { readonly kind: 'refused'; readonly detail: string };

/** Judges addresses by what they are, however they were spelled or found. */
export type AddressGuard = (addresses: readonly Address[]) => Permission;

/**
 * What is not public unicast: https://www.iana.org/assignments/iana-ipv4-special-registry, and its
 * sister for IPv6, of which only 2000::/3 is handed out.
 */
const SPECIAL: readonly (readonly [what: string, ...ranges: string[]])[] = [
  ['this machine itself', '0.0.0.0/8', '127.0.0.0/8', '::/127'],
  ['private', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10'],
  ['link-local', '169.254.0.0/16', 'fe80::/10'],
  ['shared behind a carrier’s NAT', '100.64.0.0/10'],
  ['multicast', '224.0.0.0/4', 'ff00::/8'],
  ['for documentation', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'],
  ['for benchmarks', '198.18.0.0/15'],
  ['for tunnels', '192.88.99.0/24', '2001::/23', '2002::/16'],
  ['reserved', '192.0.0.0/24', '240.0.0.0/4'],
];

/** Where clouds tell a machine its secrets. Some of these lie in ranges that are public. */
const METADATA = [
  '169.254.169.254', // AWS, Azure, Google, Oracle, DigitalOcean, OpenStack and most others
  '169.254.170.2', // AWS, for tasks of ECS
  '169.254.170.23', // AWS, for pods of EKS
  '169.254.42.42', // Scaleway
  '169.254.0.23', // Tencent
  '100.100.100.200', // Alibaba
  '168.63.129.16', // Azure
  '192.0.0.192', // Oracle, older
  'fd00:ec2::254', // AWS
  'fd00:ec2::23', // AWS, for pods of EKS
  'fd20:ce::254', // Google
  'fd00:42::42', // Scaleway
] as const;

/**
 * Lets public unicast addresses through, and of the others those that were allowed. Cloud metadata is
 * let through only where its very address was allowed.
 *
 * Of an IPv6 address that carries an IPv4 one (mapped, or translated by NAT64) the IPv4 one is judged.
 */
export function createAddressGuard(allowed: PrivateTargets): AddressGuard {
  const isAllowed = blockListOf(allowed.ranges);
  const metadata = blockListOf(
    METADATA.filter(address => !allowed.ranges.some(range => isOnly(range, address))),
  );

  const refusalOf = (address: Address): string | null => {
    const judged = canonical(address);
    if (judged === null) return `${address.address} is no address`;
    if (has(metadata, judged)) return howToAllow(judged, 'serves cloud metadata');
    if (allowed.all || has(isAllowed, judged)) return null;
    const special = SPECIAL_LISTS.find(({ list }) => has(list, judged));
    if (special) return howToAllow(judged, `is ${special.what}`);
    return judged.family === 4 || has(GLOBAL_UNICAST, judged) ? null : howToAllow(judged, 'is not public');
  };

  return addresses => {
    const refusals = addresses.map(refusalOf);
    const passed = addresses.filter(
      (_address, index): _address is PermittedAddress => refusals[index] === null,
    );
    if (passed.length === 0) return { kind: 'refused', detail: refusals[0] ?? 'there is no address' };
    return { kind: 'permitted', addresses: passed };
  };
}

const howToAllow = ({ address, family }: Address, why: string): string =>
  `${address} ${why}: to check it all the same, start with --allow-private-targets ${address}/${family === 4 ? 32 : 128}`;

function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const family = address.includes(':') ? 'ipv6' : 'ipv4';
    list.addSubnet(address, prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix), family);
  }
  return list;
}

const SPECIAL_LISTS = SPECIAL.map(([what, ...ranges]) => ({ what, list: blockListOf(ranges) }));
const GLOBAL_UNICAST = blockListOf(['2000::/3']);

const has = (list: BlockList, { address, family }: Address): boolean => list.check(address, `ipv${family}`);

/** Whether `range` names `address` and nothing else. */
function isOnly(range: string, address: string): boolean {
  const [base = '', prefix] = range.split('/');
  const full = address.includes(':') ? '128' : '32';
  return (
    (prefix ?? full) === full &&
    blockListOf([`${address}/${full}`]).check(base, `ipv${full === '32' ? 4 : 6}`)
  );
}

/** In the one spelling that is compared, and as IPv4 where it stands for one; null for what is none. */
function canonical({ address, family }: Address): Address | null {
  if (family === 4) return literalAddress(address);
  const [unzoned = ''] = address.split('%');
  const hostname = URL.parse(`http://[${unzoned}]`)?.hostname; // the parser knows every spelling
  if (hostname === undefined) return null;
  const groups = groupsOf(hostname.slice(1, -1));
  const isCarrier = CARRIERS_OF_IPV4.some(prefix => prefix.every((group, index) => groups[index] === group));
  if (!isCarrier) return { address: hostname.slice(1, -1), family };
  const [high = 0, low = 0] = groups.slice(6);
  return { address: [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.'), family: 4 };
}

/** ::ffff:0:0/96 (mapped), ::ffff:0:0:0/96 (translated, RFC 2765) and 64:ff9b::/96 (NAT64) */
const CARRIERS_OF_IPV4 = [
  [0, 0, 0, 0, 0, 0xffff],
  [0, 0, 0, 0, 0xffff, 0],
  [0x64, 0xff9b, 0, 0, 0, 0],
] as const;

/** The eight numbers of an address in the parser's spelling: hexadecimal, with at most one `::`. */
function groupsOf(address: string): number[] {
  const [before = '', after] = address.split('::');
  const read = (text: string): number[] =>
    text === '' ? [] : text.split(':').map(group => Number.parseInt(group, 16));
  if (after === undefined) return read(before);
  const [head, tail] = [read(before), read(after)];
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}
