import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Certificate } from '../../domain/check/certificate.ts';
import { cleanText } from '../../domain/clean-text.ts';

const NAME_CHARACTERS_MAX = 200;
const CHAIN_LENGTH_MAX = 100;

/**
 * What the website has presented, accepted or not; null where that was nothing. To be asked once a
 * connection: Node takes the first certificate out of the chain as it hands it over.
 *
 * `getPeerCertificate` would not do: it leaves out what issued none of the others, and adds the
 * authority from our own store, which was not presented.
 */
export function presentedCertificate(socket: TLSSocket, host: string): Certificate | null {
  const own = socket.getPeerX509Certificate();
  if (own === undefined) return null;
  return {
    // An end that is no time counts as long past.
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

/** The common name of a subject or issuer, else all of it: undefined where it is empty, whatever the types say. */
function nameIn(distinguishedName: string | undefined): string {
  if (distinguishedName === undefined) return '';
  const commonName = /^CN=(.*)$/m.exec(distinguishedName)?.[1];
  return cleanText(commonName ?? distinguishedName, NAME_CHARACTERS_MAX);
}
