import type { X509Certificate } from 'node:crypto';
import type { Authorities } from './trust.ts';

/**
 * Returns when the chain of the first certificate expires, in milliseconds since 1970.
 *
 * A path to a trusted authority expires with the first of its certificates; of several paths the longest-lived counts. So
 * an old cross-signature or a stray certificate that nobody needs does not matter. Without a path to a trusted authority,
 * those count that lead as far as the certificates do.
 *
 * @param presented by the website, its own first
 */
export function chainExpiryMs(
  presented: readonly [X509Certificate, ...X509Certificate[]],
  authorities: Authorities,
  nowMs: number,
): number {
  const issuersOf = (certificate: X509Certificate): readonly X509Certificate[] =>
    findIssuers(certificate, presented, authorities).filter(
      ({ validFrom }) => Date.parse(validFrom) <= nowMs,
    );
  const isTrusted = ({ subject, issuer, fingerprint256 }: X509Certificate): boolean =>
    subject === issuer && authorities(subject).some(trusted => trusted.fingerprint256 === fingerprint256);
  const isLast = (certificate: X509Certificate): boolean => issuersOf(certificate).length === 0;
  const [own] = presented;
  return longestLived(own, issuersOf, isTrusted) ?? longestLived(own, issuersOf, isLast) ?? expiryMs(own);
}

/** When the best path from `own` to an end expires: Dijkstra's algorithm. Null if no path leads to an end. */
function longestLived(
  own: X509Certificate,
  issuersOf: (certificate: X509Certificate) => readonly X509Certificate[],
  isEnd: (certificate: X509Certificate) => boolean,
): number | null {
  const open = new Map([[own, expiryMs(own)]]);
  const seen = new Set<X509Certificate>();
  while (open.size > 0) {
    const [certificate, pathMs] = [...open].reduce((one, other) => (other[1] > one[1] ? other : one));
    if (isEnd(certificate)) return pathMs;
    open.delete(certificate);
    seen.add(certificate);
    for (const issuer of issuersOf(certificate)) {
      if (!seen.has(issuer)) {
        open.set(issuer, Math.max(open.get(issuer) ?? 0, Math.min(pathMs, expiryMs(issuer))));
      }
    }
  }
  return null;
}

/** Verifying a signature takes up to a millisecond, and a website chooses what it presents. */
const CANDIDATES_MAX = 4;

function findIssuers(
  certificate: X509Certificate,
  presented: readonly X509Certificate[],
  authorities: Authorities,
): readonly X509Certificate[] {
  const { subject, issuer } = certificate;
  if (subject === issuer) return []; // a root: its issuer is itself
  const candidates = [...authorities(issuer), ...presented.filter(other => other.subject === issuer)]
    .filter(other => certificate.checkIssued(other))
    .slice(0, CANDIDATES_MAX);
  // An authority that renewed its key has certificates of one name with different keys.
  return candidates.length === 1
    ? candidates
    : candidates.filter(({ publicKey }) => certificate.verify(publicKey));
}

/** An invalid date counts as long past. */
const expiryMs = ({ validTo }: X509Certificate): number => Date.parse(validTo) || 0;
