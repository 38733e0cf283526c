import { constants, X509Certificate } from 'node:crypto';
import tls from 'node:tls';

/** The certificates that are trusted, by their subject. */
export type Authorities = (subject: string) => readonly X509Certificate[];

/** Whom to trust. Shared by all connections: a context for each would cost CPU. */
export interface Trust {
  readonly secureContext: tls.SecureContext;
  /** Accepts what OpenSSL no longer does by default. Created when it is first asked for */
  readonly legacyContext: () => tls.SecureContext;
  /** The authorities that `secureContext` trusts */
  readonly authorities: Authorities;
}

/** @param ca in PEM; default: what Node trusts, `NODE_EXTRA_CA_CERTS` included */
export function createTrust(ca?: string): Trust {
  const trusted = ca === undefined ? {} : { ca };
  let legacyContext: tls.SecureContext | null = null;
  return {
    secureContext: tls.createSecureContext(trusted),
    legacyContext: () => {
      legacyContext ??= tls.createSecureContext({ ...trusted, ...LEGACY });
      return legacyContext;
    },
    authorities: createAuthorities(ca),
  };
}

const LEGACY = {
  minVersion: 'TLSv1',
  ciphers: 'DEFAULT@SECLEVEL=0',
  secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
} as const;

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
