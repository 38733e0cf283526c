import type { Resolver } from 'node:dns/promises';
import { cleanDetail } from '../../domain/clean-text.ts';
import type { Found } from './name-cache.ts';
import type { Address, DnsCause } from './resolution.ts';

/** What is known of our name servers, whatever they were asked: shared by all queries, and changed by them. */
export interface Hearing {
  /** When they last answered anything, on a monotonic clock */
  lastHeardMs: number;
  /** The question that serves only to hear from them, while it is under way */
  listening: Promise<void> | null;
}

/** Longest that an answer is told to others. */
const KEPT_MS_MAX = 5000;

/** A resolver that found something within this time has a way to other name servers. */
const HEARD_LATELY_MS = 60_000;

/** Addresses of one full name in one family. Never rejects. */
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
    const ttlMs = Math.min(...records.map(({ ttl }) => ttl * 1000));
    return { resolution: { kind: 'resolved', addresses }, validMs: Math.min(KEPT_MS_MAX, ttlMs) };
  } catch (error) {
    const code = codeOf(error);
    if (isSignOfLife(code)) hearing.lastHeardMs = performance.now();
    if (code === 'ESERVFAIL') await listenForLife(resolver, hearing, askedAtMs - HEARD_LATELY_MS);
    const cause = classifyDnsFailure(code, askedAtMs, hearing.lastHeardMs);
    const detail = cleanDetail(`${code} for the ${family === 4 ? 'A' : 'AAAA'} records of ${name}`);
    return { resolution: { kind: 'failed', cause, detail }, validMs: 0 }; // a check made again asks again
  }
}

/** What c-ares' code means (https://nodejs.org/api/dns.html#error-codes). */
export function classifyDnsFailure(code: string, askedAtMs: number, lastHeardMs: number): DnsCause {
  switch (code) {
    case 'ENOTFOUND':
    case 'ENODATA':
    case 'EBADNAME':
      return 'dns_not_found';
    case 'ETIMEOUT':
      return causeOfSilence(askedAtMs, lastHeardMs);
    case 'ESERVFAIL':
      // A resolver without a way out says this of every name: it is the name's own fault only if others are found.
      return lastHeardMs >= askedAtMs - HEARD_LATELY_MS ? 'dns_server_failure' : 'resolver_unavailable';
    default:
      return isAnswer(code) && code !== 'EREFUSED' ? 'dns_server_failure' : 'resolver_unavailable';
  }
}

/**
 * Who is to blame when no answer came: the name's own servers, if ours answered something else
 * meanwhile; else our resolver, for then nothing shows that it lives.
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

/** Whether a name server knew what it spoke of: only that shows that it has a way to others. */
const isSignOfLife = (code: string): boolean => code === 'ENOTFOUND' || code === 'ENODATA';

/** Whether a name server spoke, be it to say no. */
export const isAnswer = (code: string): boolean => ANSWERS.has(code);

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error';

/**
 * Asks our name servers for the root's, which each of them knows, where none has answered anything
 * since `askedAtMs`: so that trouble with one name is told from trouble with every name.
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
