import { isIP } from 'node:net';
import type { Cause } from '../../domain/check/cause.ts';

/** An IP address of a host. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Why a name has no address. */
export type DnsCause = Extract<
  Cause,
  'dns_not_found' | 'dns_server_failure' | 'dns_timeout' | 'resolver_unavailable'
>;

/** The result of a lookup: at least one address, in the order in which to try them, or a failure. */
export type Resolution =
  | { readonly kind: 'resolved'; readonly addresses: readonly Address[] }
  | { readonly kind: 'failed'; readonly cause: DnsCause; readonly detail: string };

/**
 * Resolves a host name.
 *
 * When `stop` fires, it fails at once with a cause that blames either the name's servers or the resolver.
 */
export type Resolve = (hostname: string, stop: AbortSignal) => Promise<Resolution>;

/** Parses a URL's host as an address, with or without IPv6 brackets; null for a name. */
export function literalAddress(hostname: string): Address | null {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(address);
  return family === 4 || family === 6 ? { address, family } : null;
}
