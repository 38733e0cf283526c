/** What a website presented over TLS. */
export interface Certificate {
  /** The earliest expiry over the chain, in milliseconds since 1970 */
  readonly expiresAtMs: number;
  /** Who presented it: with redirects it need not be the url's host */
  readonly host: string;
  /** Of the website's own certificate; the common name where there is one */
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256 of the website's own certificate, in lower-case hexadecimal */
  readonly fingerprint: string;
}

/** Of two certificates seen in one check, the one to worry about. */
export const soonerToExpire = (one: Certificate | null, other: Certificate | null): Certificate | null =>
  one === null || (other !== null && other.expiresAtMs < one.expiresAtMs) ? other : one;
