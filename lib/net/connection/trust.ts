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

type BySubject = ReadonlyMap<string, readonly X509Certificate[]>;

let ofNode: { readonly pems: readonly string[]; readonly bySubject: BySubject } | null = null;

/** Those that Node trusts. Parsed when they are first asked for, which takes some 20 ms, and again if a program sets others. */
export function defaultAuthorities(): BySubject {
  const pems = tls.getCACertificates('default');
  if (ofNode?.pems !== pems) ofNode = { pems, bySubject: grouped(pems) };
  return ofNode.bySubject;
}

function createAuthorities(ca: string | undefined): Authorities {
  let own: BySubject | null = null;
  const bySubject = (): BySubject => {
    if (ca === undefined) return defaultAuthorities();
    own ??= grouped(ca.match(PEM) ?? []);
    return own;
  };
  return subject => bySubject().get(subject) ?? [];
}

const grouped = (pems: readonly string[]): BySubject =>
  Map.groupBy(
    pems.flatMap(pem => {
      try {
        return [new X509Certificate(pem)];
      } catch {
        return []; // a system's store may hold one that OpenSSL skips, too
      }
    }),
    certificate => certificate.subject,
  );

const PEM = /-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs;
