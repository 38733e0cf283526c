/** A certificate chain that a website presented over TLS. */
export interface Certificate {
  /** When the last path to a trusted authority expires, in milliseconds since 1970; see `chainExpiryMs` */
  readonly expiresAtMs: number;
  /** The host that presented it; after a redirect not the host of the target's URL */
  readonly host: string;
  /** Of the website's own certificate: the common name if there is one */
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256 of the website's own certificate, in lower-case hexadecimal */
  readonly fingerprint: string;
}

/** Returns the certificate that expires first; null only if both are. */
export const soonerToExpire = (one: Certificate | null, other: Certificate | null): Certificate | null =>
  one === null || (other !== null && other.expiresAtMs < one.expiresAtMs) ? other : one;
