import { Resolver } from 'node:dns/promises';
import { watchFile } from '../../files/watched-file.ts';
import type { Hearing } from './dns-query.ts';
import { causeOfSilence } from './dns-query.ts';
import type { Hosts } from './hosts-file.ts';
import { parseHosts } from './hosts-file.ts';
import { lookUp } from './look-up.ts';
import { createNameCache } from './name-cache.ts';
import type { Address, Resolve } from './resolution.ts';
import { literalAddress } from './resolution.ts';
import { parseSearchList } from './search-list.ts';
import { untilStopped } from './until-stopped.ts';

/** Where and how names are looked up. All are optional. */
export interface NameResolverSettings {
  /** Name servers as `address` or `address:port`; default those of `/etc/resolv.conf` */
  readonly servers?: readonly string[] | undefined;
  /** Longest wait for one name server to answer one query; default 2000 */
  readonly queryTimeoutMs?: number | undefined;
  /** How often each name server is asked; default 2 */
  readonly queryTries?: number | undefined;
  /** Default `/etc/hosts` */
  readonly hostsPath?: string | undefined;
  /** Default `/etc/resolv.conf` */
  readonly resolvConfPath?: string | undefined;
}

/** A resolver with its name servers and cache. */
export interface NameResolver {
  readonly resolve: Resolve;
  /** Cancels lookups under way */
  readonly close: () => void;
}

/**
 * Resolves names like the system (hosts file, search list, name servers) but without its thread pool, in
 * which a few broken names would block all others.
 *
 * Caches addresses for their TTL, at most 5 s. Does not cache failures, so a confirming attempt queries
 * again. Does not use mDNS or NIS.
 */
export function createNameResolver(settings: NameResolverSettings = {}): NameResolver {
  const { servers, queryTimeoutMs = 2000, queryTries = 2 } = settings;
  const { hostsPath = '/etc/hosts', resolvConfPath = '/etc/resolv.conf' } = settings;
  const hearing: Hearing = { lastHeardMs: Number.NEGATIVE_INFINITY, listening: null };

  const hosts = watchFile(hostsPath, parseHosts);
  const system = watchFile(resolvConfPath, text => ({
    searchList: parseSearchList(text),
    resolver: createResolver(servers, queryTimeoutMs, queryTries), // rereads the name servers
  }));
  const lookUpOnce = createNameCache(hostname => {
    const { searchList, resolver } = system();
    return lookUp(hostname, searchList, resolver, hearing);
  });

  const resolve: Resolve = (hostname, stop) => {
    const addresses = knownAddresses(hostname, hosts());
    if (addresses !== null) return Promise.resolve({ kind: 'resolved', addresses });

    const askedAtMs = performance.now();
    return untilStopped(lookUpOnce(hostname), stop, () => ({
      kind: 'failed',
      cause: causeOfSilence(askedAtMs, hearing.lastHeardMs),
      detail: 'the name was not resolved by the deadline',
    }));
  };
  return { resolve, close: () => system().resolver.cancel() };
}

function createResolver(servers: readonly string[] | undefined, timeout: number, tries: number): Resolver {
  const resolver = new Resolver({ timeout, tries, maxTimeout: timeout });
  if (servers !== undefined) resolver.setServers(servers);
  return resolver;
}

const LOOPBACK: readonly Address[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** Resolves literal addresses, `localhost` and names below it (RFC 6761); null for any other name. */
export function localAddresses(hostname: string): readonly Address[] | null {
  const literal = literalAddress(hostname);
  if (literal !== null) return [literal];
  const name = withoutFinalDot(hostname);
  return name === 'localhost' || name.endsWith('.localhost') ? LOOPBACK : null;
}

/** Resolves what needs no name server. */
const knownAddresses = (hostname: string, hosts: Hosts): readonly Address[] | null =>
  localAddresses(hostname) ??
  hosts.get(withoutFinalDot(hostname))?.toSorted((one, other) => one.family - other.family) ??
  null;

const withoutFinalDot = (hostname: string): string => hostname.toLowerCase().replace(/\.$/, '');
