import type { Resolver } from 'node:dns/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Hearing } from './dns-query.ts';
import { listenForLife, queryAddresses } from './dns-query.ts';
import type { Found } from './name-cache.ts';
import type { SearchList } from './search-list.ts';
import { candidateNames } from './search-list.ts';

/** How long to wait for IPv6 addresses once the IPv4 ones have arrived: RFC 8305, section 3. */
const IPV6_PATIENCE_MS = 50;

/** Looks up the full names that the search list yields, until one is found. Never rejects. */
export async function lookUp(
  hostname: string,
  searchList: SearchList,
  resolver: Resolver,
  hearing: Hearing,
): Promise<Found> {
  const doubt = setTimeout(listenForLife, LISTEN_AFTER_MS, resolver, hearing, performance.now());
  try {
    let found: Found | null = null;
    for (const name of candidateNames(hostname, searchList)) {
      found = moreTelling(found, await queryBothFamilies(resolver, name, hearing));
      if (found.resolution.kind === 'resolved') break;
    }
    return found as Found; // there is at least one candidate
  } finally {
    clearTimeout(doubt);
  }
}

/** Puts IPv4 first, because IPv6 first would be slow on a machine whose IPv6 route is broken. */
async function queryBothFamilies(resolver: Resolver, name: string, hearing: Hearing): Promise<Found> {
  const pendingIpv6 = queryAddresses(resolver, name, 6, hearing);
  const ipv4 = await queryAddresses(resolver, name, 4, hearing);
  if (ipv4.resolution.kind === 'failed') return moreTelling(ipv4, await pendingIpv6);

  const ipv6 = await orNullAfter(IPV6_PATIENCE_MS, pendingIpv6);
  if (ipv6?.resolution.kind !== 'resolved') return ipv4;
  return {
    resolution: {
      kind: 'resolved',
      addresses: [...ipv4.resolution.addresses, ...ipv6.resolution.addresses],
    },
    validMs: Math.min(ipv4.validMs, ipv6.validMs),
  };
}

/** Prefers addresses, then other failures, then "not found": another candidate name may exist. */
function moreTelling(before: Found | null, after: Found): Found {
  if (before === null || after.resolution.kind === 'resolved') return after;
  const isNotFound = before.resolution.kind === 'failed' && before.resolution.cause === 'dns_not_found';
  return isNotFound ? after : before;
}

async function orNullAfter<T>(patienceMs: number, work: Promise<T>): Promise<T | null> {
  const impatience = new AbortController();
  const timeUp = delay(patienceMs, null, { signal: impatience.signal }).catch(() => null);
  const first = await Promise.race([work, timeUp]);
  impatience.abort();
  return first;
}

const LISTEN_AFTER_MS = 500;
