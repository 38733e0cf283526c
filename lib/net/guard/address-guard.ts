import type { PrivateTargets } from '../../domain/target/private-targets.ts';
import type { Address } from '../names/resolution.ts';
import { ipBytes, ipRange, ipText } from './ip-range.ts';
import { isIn, meaningOf, metadataIn, specialty } from './special-addresses.ts';

declare const permitted: unique symbol;

/** An address that the guard has let through: only such are connected to. */
export type PermittedAddress = Address & { readonly [permitted]: true };

/** What may be connected to of a host's addresses; the reason where that is nothing. */
export type Permission =
  | { readonly kind: 'permitted'; readonly addresses: readonly PermittedAddress[] }
  | { readonly kind: 'refused'; readonly detail: string };

/** Judges addresses by what they are, however they were spelled or found. */
export type AddressGuard = (addresses: readonly Address[]) => Permission;

/** Why an address is not let through. */
interface Refusal {
  readonly why: string;
  /** What would have to be allowed; null: nothing helps */
  readonly toAllow: string | null;
}

/**
 * Lets public unicast addresses through, and of the others those that were allowed. Cloud metadata is
 * let through only where its very address was allowed.
 *
 * @throws RangeError if what is allowed is no range
 */
export function createAddressGuard(allowed: PrivateTargets): AddressGuard {
  const ranges = allowed.ranges.map(ipRange);
  const named = ranges.filter(({ base, bits }) => bits === 8 * base.length);

  const refusalOf = ({ address }: Address): Refusal | null => {
    const bytes = ipBytes(address);
    if (bytes === null) return { why: 'the host has an address that is none', toAllow: null };
    const metadata = metadataIn(bytes);
    if (metadata && !isIn(named, metadata) && !isIn(named, bytes)) {
      const text = ipText(metadata);
      return { why: `${text} serves cloud metadata`, toAllow: `${text}/${8 * metadata.length}` };
    }
    const meaning = meaningOf(bytes);
    if (allowed.all || isIn(ranges, bytes) || isIn(ranges, meaning)) return null;
    const what = specialty(meaning);
    if (what === null) return null;
    const text = ipText(meaning);
    return { why: `${text} is ${what}`, toAllow: `${text}/${8 * meaning.length}` };
  };

  return addresses => {
    const refusals = addresses.map(refusalOf);
    const passed = addresses.filter(
      (_address, index): _address is PermittedAddress => refusals[index] === null,
    );
    if (passed.length > 0) return { kind: 'permitted', addresses: passed };
    return { kind: 'refused', detail: explain(refusals, allowed) };
  };
}

const NAMED_MAX = 8;

/** The first reason, and what to set so that all of them may pass, beside what may already. */
function explain(refusals: readonly (Refusal | null)[], { all, ranges }: PrivateTargets): string {
  const why = refusals[0]?.why ?? 'there is no address';
  const needed = [...new Set(refusals.flatMap(refusal => refusal?.toAllow ?? []))].slice(0, NAMED_MAX);
  if (needed.length === 0) return why;
  const list = [...needed, ...(all ? ['all'] : []), ...ranges].join(',');
  return `${why}: to check it all the same, start with --allow-private-targets ${list}`;
}
