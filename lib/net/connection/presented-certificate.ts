import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Certificate } from '../../domain/check/certificate.ts';
import { cleanText } from '../../domain/clean-text.ts';
import { chainExpiryMs } from './chain-expiry.ts';
import type { Authorities } from './trust.ts';

const NAME_CHARACTERS_MAX = 200;
/** Longer than any that is needed. */
const CHAIN_LENGTH_MAX = 20;

/**
 * Reads the certificate that the website presented, accepted or not; null if there was none. Call it once per
 * connection: Node removes the first certificate from the chain when it returns it.
 *
 * `getPeerCertificate` would not do: it leaves out certificates that issued none of the others, and adds the authority
 * from our own store, which the website did not present.
 */
export function presentedCertificate(
  socket: TLSSocket,
  host: string,
  authorities: Authorities,
): Certificate | null {
  const own = socket.getPeerX509Certificate();
  if (own === undefined) return null;
  return {
    expiresAtMs: chainExpiryMs(chainOf(own), authorities, Date.now()),
    host,
    subject: nameIn(own.subject),
    issuer: nameIn(own.issuer),
    fingerprint: own.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}

function chainOf(own: X509Certificate): readonly [X509Certificate, ...X509Certificate[]] {
  const chain: [X509Certificate, ...X509Certificate[]] = [own];
  for (
    let next = own.issuerCertificate;
    next && chain.length < CHAIN_LENGTH_MAX;
    next = next.issuerCertificate
  ) {
    chain.push(next);
  }
  return chain;
}

/** Returns the common name of a subject or issuer, or else all of it. Node's types omit that an empty one is undefined. */
function nameIn(distinguishedName: string | undefined): string {
  if (distinguishedName === undefined) return '';
  const commonName = /^CN=(.*)$/m.exec(distinguishedName)?.[1];
  return cleanText(commonName ?? distinguishedName, NAME_CHARACTERS_MAX);
}
