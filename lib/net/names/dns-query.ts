import type { Resolver } from 'node:dns/promises';
import { cleanDetail } from '../../domain/clean-text.ts';
import type { Found } from './name-cache.ts';
import type { Address, DnsCause } from './resolution.ts';

/** What we know about our name servers. All queries share and update it. */
export interface Hearing {
  /** When they last answered any query, on a monotonic clock */
  lastHeardMs: number;
  /** A query under way that only tests whether they answer */
  listening: Promise<void> | null;
}

/** Longest time for which an answer is cached. */
const KEPT_MS_MAX = 5000;

/** A resolver that found a name within this time can reach other name servers. */
const HEARD_LATELY_MS = 60_000;

/** Queries the addresses of one full name in one family. Never rejects. */
export async function queryAddresses(
  resolver: Resolver,
  name: string,
  family: 4 | 6,
  hearing: Hearing,
): Promise<Found> {
  const askedAtMs = performance.now();
  try {
    const query =
      family === 4 ? resolver.resolve4(name, { ttl: true }) : resolver.resolve6(name, { ttl: true });
    const records = await query;
    hearing.lastHeardMs = performance.now();
    const addresses: Address[] = records.map(({ address }) => ({ address, family }));
    if (addresses.length === 0)
      return failed('dns_not_found', `no address among the ${recordsOf(family, name)}`);
    const ttlMs = Math.min(...records.map(({ ttl }) => ttl * 1000));
    return { resolution: { kind: 'resolved', addresses }, validMs: Math.min(KEPT_MS_MAX, ttlMs) };
  } catch (error) {
    const code = codeOf(error);
    if (isSignOfLife(code)) hearing.lastHeardMs = performance.now();
    if (code === 'ESERVFAIL') await listenForLife(resolver, hearing, askedAtMs - HEARD_LATELY_MS);
    const cause = classifyDnsFailure(code, askedAtMs, hearing.lastHeardMs);
    return failed(cause, `${code} for the ${recordsOf(family, name)}`);
  }
}

/** Not cached, so a confirming attempt queries again. */
const failed = (cause: DnsCause, detail: string): Found => ({
  resolution: { kind: 'failed', cause, detail: cleanDetail(detail) },
  validMs: 0,
});

const recordsOf = (family: 4 | 6, name: string): string =>
  `${family === 4 ? 'A' : 'AAAA'} records of ${name}`;

/** Maps an error code of c-ares (https://nodejs.org/api/dns.html#error-codes) to a cause. */
export function classifyDnsFailure(code: string, askedAtMs: number, lastHeardMs: number): DnsCause {
  switch (code) {
    case 'ENOTFOUND':
    case 'ENODATA':
    case 'EBADNAME':
      return 'dns_not_found';
    case 'ETIMEOUT':
      return causeOfSilence(askedAtMs, lastHeardMs);
    case 'ESERVFAIL':
      // A resolver without upstream access answers this for every name, so blame the name only if others
      // resolve.
      return lastHeardMs >= askedAtMs - HEARD_LATELY_MS ? 'dns_server_failure' : 'resolver_unavailable';
    default:
      return isAnswer(code) && code !== 'EREFUSED' ? 'dns_server_failure' : 'resolver_unavailable';
  }
}

/**
 * Blames a missing answer on the name's own servers if our resolver answered another query meanwhile, else on
 * our resolver: nothing shows that it works.
 */
export const causeOfSilence = (askedAtMs: number, lastHeardMs: number): DnsCause =>
  lastHeardMs >= askedAtMs ? 'dns_timeout' : 'resolver_unavailable';

const ANSWERS: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'ENODATA',
  'ESERVFAIL',
  'EREFUSED',
  'EFORMERR',
  'ENOTIMP',
  'EBADRESP',
]);

/** Whether the answer is authoritative, which shows that our name server can reach others. */
const isSignOfLife = (code: string): boolean => code === 'ENOTFOUND' || code === 'ENODATA';

/** Whether a name server answered at all, even with an error. */
export const isAnswer = (code: string): boolean => ANSWERS.has(code);

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error';

/**
 * Tests our name servers unless they have answered since `askedAtMs`. Queries the root's name servers, which
 * every resolver knows. This distinguishes trouble with one name from trouble with every name.
 */
export async function listenForLife(resolver: Resolver, hearing: Hearing, askedAtMs: number): Promise<void> {
  if (hearing.lastHeardMs >= askedAtMs) return;
  hearing.listening ??= askForRoot(resolver, hearing);
  await hearing.listening;
}

async function askForRoot(resolver: Resolver, hearing: Hearing): Promise<void> {
  try {
    await resolver.resolveNs('.');
    hearing.lastHeardMs = performance.now();
  } catch (error) {
    if (isSignOfLife(codeOf(error))) hearing.lastHeardMs = performance.now();
  } finally {
    hearing.listening = null;
  }
}
