import { X509Certificate } from 'node:crypto';
import { expect } from 'chai';
import { chainExpiryMs } from '../../../lib/net/connection/chain-expiry.ts';
import { createTrust } from '../../../lib/net/connection/trust.ts';
import { createAuthority, createIdentity, crossSigned, daysFromNow } from '../../support/certificates.ts';

const NOW_MS = Date.now();
const HOST = ['a.test'];
const lasting = (days: number) => ({ until: daysFromNow(days) });

const root = createAuthority('a root', lasting(100));
const oldRoot = createAuthority('an old root', lasting(-10));
const middle = createAuthority('a middle', { issuer: root, ...lasting(50) });
const ownCert = createIdentity(HOST, middle, lasting(40)).cert.split(/(?<=END CERTIFICATE-----\n)/)[0] ?? '';

/** In days from now, rounded. */
function expiresInDays(...pems: readonly string[]): number {
  const presented = (pems.join('').match(/-----BEGIN.+?-----END CERTIFICATE-----/gs) ?? []).map(
    pem => new X509Certificate(pem),
  ) as [X509Certificate, ...X509Certificate[]];
  const expiryMs = chainExpiryMs(presented, createTrust(root.cert).authorities, NOW_MS);
  return Math.round((expiryMs - NOW_MS) / 86_400_000);
}

describe('The expiry of a chain', () => {
  const CASES: readonly (readonly [what: string, days: number, ...pems: readonly string[]])[] = [
    ['is that of the certificate that expires first', 40, ownCert, middle.cert],
    ['… which may be an intermediate', 20, ownCert, crossSigned(middle, root, lasting(20))],
    ['is that of the best path', 40, ownCert, crossSigned(middle, root, lasting(20)), middle.cert],
    [
      'does not go by a cross-signature of the root',
      40,
      ownCert,
      middle.cert,
      crossSigned(root, oldRoot, lasting(5)),
    ],
    [
      'does not go by a path to a root that is not trusted',
      20,
      ownCert,
      crossSigned(middle, root, lasting(20)),
      crossSigned(middle, oldRoot, lasting(39)),
      oldRoot.cert,
    ],
    ['does not go by a stray certificate', 40, ownCert, middle.cert, oldRoot.cert],
    [
      'does not go by a path that is not valid yet',
      20,
      ownCert,
      crossSigned(middle, root, { from: daysFromNow(1), ...lasting(60) }),
      crossSigned(middle, root, lasting(20)),
    ],
    [
      'does not go by an issuer of the same name with another key',
      20,
      ownCert,
      createAuthority('a middle', { issuer: root, ...lasting(60) }).cert,
      crossSigned(middle, root, lasting(20)),
    ],
    [
      'without a trusted path, is that of the certificates linked',
      -10,
      ownCert,
      crossSigned(middle, oldRoot, lasting(30)),
      oldRoot.cert,
      root.cert,
    ],
    ['without any path, is its own', 40, ownCert, oldRoot.cert],
  ];
  for (const [what, days, ...pems] of CASES) {
    it(what, () => expect(expiresInDays(...pems)).to.equal(days));
  }
});
