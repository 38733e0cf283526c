import { X509Certificate } from 'node:crypto';
import tls from 'node:tls';

/** The certificates that are trusted, by their subject. */
export type Authorities = (subject: string) => readonly X509Certificate[];

/** Whom to trust. Shared by all connections: a context for each would cost CPU. */
export interface Trust {
  readonly secureContext: tls.SecureContext;
  /** The authorities that `secureContext` trusts */
  readonly authorities: Authorities;
}

/** @param ca in PEM; default: what Node trusts, `NODE_EXTRA_CA_CERTS` included */
export const createTrust = (ca?: string): Trust => ({
  secureContext: tls.createSecureContext(ca === undefined ? {} : { ca }),
  authorities: createAuthorities(ca),
});

/** Parses the certificates when it is first asked, which takes some 20 ms. */
function createAuthorities(ca: string | undefined): Authorities {
  let bySubject: ReadonlyMap<string, readonly X509Certificate[]> | null = null;
  return subject => {
    bySubject ??= Map.groupBy(parsed(ca), certificate => certificate.subject);
    return bySubject.get(subject) ?? [];
  };
}

const parsed = (ca: string | undefined): readonly X509Certificate[] =>
  (ca?.match(PEM) ?? tls.getCACertificates('default')).flatMap(pem => {
    try {
      return [new X509Certificate(pem)];
    } catch {
      return []; // a system's store may hold one that OpenSSL skips, too
    }
  });

const PEM = /-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs;
