import { isIP } from 'node:net';
import type { Cause } from '../../domain/check/cause.ts';

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

export type DnsCause = Extract<
  Cause,
  'dns_not_found' | 'dns_server_failure' | 'dns_timeout' | 'resolver_unavailable'
>;

/** What a name stands for: addresses in the order in which to try them, never none. */
export type Resolution =
  | { readonly kind: 'resolved'; readonly addresses: readonly Address[] }
  | { readonly kind: 'failed'; readonly cause: DnsCause; readonly detail: string };

/**
 * Resolves a host name.
 *
 * Once `stop` fires it answers at once, and says whether the name or the resolver kept us waiting.
 */
export type Resolve = (hostname: string, stop: AbortSignal) => Promise<Resolution>;

/** The address that a URL's host is already, with or without IPv6 brackets; null for a name. */
export function literalAddress(hostname: string): Address | null {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(address);
  return family === 4 || family === 6 ? { address, family } : null;
}
