import { isIP } from 'node:net';
import { isMailAddress } from './recipients.ts';

/** How to reach the server that takes our mail. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; else STARTTLS if the server offers it */
  readonly isTls: boolean;
  readonly credentials: { readonly user: string; readonly pass: string } | null;
  /** Sender of all mail */
  readonly from: string;
}

/**
 * Reads `smtp://user:pass@host:587?from=alerts@example.org`, or `smtps://…` for TLS from the first byte. Without
 * `from`, the sender is the user if that is an address, else `website-monitor@HOST`.
 *
 * @returns null if it is invalid
 */
export function parseSmtpUrl(text: string): SmtpServer | null {
  const url = URL.parse(text);
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '') return null;
  const [user, pass] = [url.username, url.password].map(decode);
  if (user === undefined || pass === undefined) return null;
  const isTls = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const from =
    url.searchParams.get('from') ?? (isMailAddress(user) ? user : `website-monitor@${domainOf(host)}`);
  if (url.searchParams.has('from') && !isMailAddress(from)) return null;
  return {
    host,
    port: Number(url.port) || (isTls ? 465 : 587),
    isTls,
    credentials: user === '' ? null : { user, pass },
    from,
  };
}

/** Why it is invalid, completing `--smtp-url …`; null if it is valid. */
export const smtpUrlProblem = (text: string): string | null =>
  parseSmtpUrl(text) === null ? 'must look like smtp://user:password@host:587?from=alerts@example.org' : null;

/** An address stands in brackets, IPv6 marked as such: RFC 5321, section 4.1.3. */
function domainOf(host: string): string {
  const family = isIP(host);
  return family === 0 ? host : `[${family === 6 ? 'IPv6:' : ''}${host}]`;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
