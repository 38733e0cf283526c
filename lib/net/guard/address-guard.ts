import type { PrivateTargets } from '../../domain/target/private-targets.ts';
import type { Address } from '../names/resolution.ts';
import { bitsOf, ipRange, parseIp } from './ip-range.ts';
import { isIn, meaningOf, metadataIn, specialty } from './special-addresses.ts';

declare const permitted: unique symbol;

/** An address that the guard permits. Connections go to no other addresses. */
export type PermittedAddress = Address & { readonly [permitted]: true };

/** The permitted addresses of a host, or why there are none. */
export type Permission =
  | { readonly kind: 'permitted'; readonly addresses: readonly PermittedAddress[] }
  | { readonly kind: 'refused'; readonly detail: string };

/** Judges addresses by value, whatever their notation and source. */
export type AddressGuard = (addresses: readonly Address[]) => Permission;

/** Why an address is refused. */
interface Refusal {
  readonly why: string;
  /** The range that would permit it; null if none would */
  readonly toAllow: string | null;
}

/** How a refusal names the way out. */
export interface GuardWording {
  /** Completes "to … it anyway" */
  readonly verb: string;
  /** The flag that takes the list of allowed addresses */
  readonly flag: string;
}

const OF_TARGETS: GuardWording = { verb: 'check', flag: '--allow-private-targets' };

/** How many bits of an IPv6 address say that it stands for an IPv4 one. A wider range, such as ::/0, does not mean those. */
const SPELLING_BITS = 96;

/**
 * Permits public unicast addresses and those that `allowed` lists. Cloud metadata addresses must be listed
 * one by one: neither `all` nor a range includes them.
 *
 * @param wording default: that of targets
 * @throws RangeError if an allowed range is invalid
 */
export function createAddressGuard(allowed: PrivateTargets, wording = OF_TARGETS): AddressGuard {
  const ranges = allowed.ranges.map(ipRange);
  const named = ranges.filter(({ base, bits }) => bits === bitsOf(base));

  const refusalOf = ({ address }: Address): Refusal | null => {
    const ip = parseIp(address);
    if (ip === null) return { why: 'the host has an invalid address', toAllow: null };
    const metadata = metadataIn(ip);
    if (metadata && !isIn(named, metadata) && !isIn(named, ip)) {
      const text = metadata.toString();
      return { why: `${text} serves cloud metadata`, toAllow: `${text}/${bitsOf(metadata)}` };
    }
    const meaning = meaningOf(ip);
    const ofSpelling = meaning === ip ? ranges : ranges.filter(({ bits }) => bits >= SPELLING_BITS);
    if (allowed.all || isIn(ofSpelling, ip) || isIn(ranges, meaning)) return null;
    const what = specialty(meaning);
    if (what === null) return null;
    return { why: `${meaning} is ${what}`, toAllow: `${meaning}/${bitsOf(meaning)}` };
  };

  return addresses => {
    const refusals = addresses.map(refusalOf);
    const passed = addresses.filter(
      (_address, index): _address is PermittedAddress => refusals[index] === null,
    );
    if (passed.length > 0) return { kind: 'permitted', addresses: passed };
    return { kind: 'refused', detail: explain(refusals, allowed, wording) };
  };
}

const NAMED_MAX = 8;

/**
 * Gives the first reason, and the setting that permits all refused addresses and keeps those permitted
 * already.
 */
function explain(
  refusals: readonly (Refusal | null)[],
  { all, ranges }: PrivateTargets,
  { verb, flag }: GuardWording,
): string {
  const why = refusals[0]?.why ?? 'the host has no address';
  const needed = [...new Set(refusals.flatMap(refusal => refusal?.toAllow ?? []))].slice(0, NAMED_MAX);
  if (needed.length === 0) return why;
  const list = [...needed, ...(all ? ['all'] : []), ...ranges].join(',');
  return `${why}: to ${verb} it anyway, start with ${flag} ${list}`;
}
