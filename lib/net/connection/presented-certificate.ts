import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Certificate } from '../../domain/check/certificate.ts';
import { cleanText } from '../../domain/clean-text.ts';

const NAME_CHARACTERS_MAX = 200;
const CHAIN_LENGTH_MAX = 100;

/**
 * Reads the certificate that the website presented, accepted or not; null if there was none. Call it once per
 * connection: Node removes the first certificate from the chain when it returns it.
 *
 * `getPeerCertificate` would not do: it leaves out certificates that issued none of the others, and adds the authority
 * from our own store, which the website did not present.
 */
export function presentedCertificate(socket: TLSSocket, host: string): Certificate | null {
  const own = socket.getPeerX509Certificate();
  if (own === undefined) return null;
  return {
    // An invalid date counts as long past.
    expiresAtMs: Math.min(...chainOf(own).map(({ validTo }) => Date.parse(validTo) || 0)),
    host,
    subject: nameIn(own.subject),
    issuer: nameIn(own.issuer),
    fingerprint: own.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}

function chainOf(own: X509Certificate): readonly X509Certificate[] {
  const chain = [own];
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
