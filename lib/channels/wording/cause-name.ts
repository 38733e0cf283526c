import type { AboutCause } from '../../domain/check/about-cause.ts';
import { aboutCause, type Cause } from '../../domain/check/cause.ts';
import { CONDITION_CAUSES } from './condition-causes.ts';
import { safeText } from './safe-text.ts';

/** Causes in as few words as a lock screen has room for. */
const NAMES: Readonly<Record<Cause, string>> = {
  dns_not_found: 'host name not found',
  dns_server_failure: 'name servers answer with an error',
  dns_timeout: 'name servers do not answer',
  connect_refused: 'connection refused',
  connect_unreachable: 'host unreachable',
  connect_timeout: 'no connection in time',
  connection_reset: 'connection reset',
  tls_expired: 'certificate has expired',
  tls_not_yet_valid: 'certificate is not valid yet',
  tls_wrong_host: 'certificate is for another host',
  tls_self_signed: 'certificate is self-signed',
  tls_untrusted: 'certificate is not trusted',
  tls_failed: 'TLS failed',
  tls_expires_soon: 'certificate expires soon',
  tls_timeout: 'TLS handshake timed out',
  response_timeout: 'no response in time',
  transfer_timeout: 'no content in time',
  protocol_error: 'response is not HTTP',
  too_many_redirects: 'too many redirects',
  invalid_redirect: 'invalid redirect',
  http_status: 'HTTP status not accepted',
  regex_mismatch: 'pattern not found',
  regex_forbidden: 'forbidden pattern found',
  too_slow: 'too slow',
  network_unavailable: 'our network is unavailable',
  resolver_unavailable: 'our name servers do not answer',
  out_of_resources: 'our machine is out of resources',
  worker_stalled: 'our worker is overloaded',
  regex_invalid: 'pattern is invalid',
  regex_timeout: 'pattern search took too long',
  regex_set_aside: 'pattern is set aside',
  address_forbidden: 'address may not be checked',
  secret_unavailable: 'secret is missing',
  request_invalid: 'request cannot be sent',
  internal_error: 'website-monitor failed',
};

const isCause = (cause: string): cause is Cause => Object.hasOwn(NAMES, cause);

/** @param httpStatus named instead where it is the cause; null if there was none */
export function causeName(cause: string, httpStatus: number | null = null): string {
  if (cause === 'http_status' && httpStatus !== null) return `HTTP status ${httpStatus}`;
  if (isCause(cause)) return NAMES[cause];
  return ofCondition(cause)?.name ?? safeText(cause.replaceAll('_', ' '), 80);
}

const ofCondition = (cause: string) =>
  Object.hasOwn(CONDITION_CAUSES, cause) ? CONDITION_CAUSES[cause] : undefined;

/** What a cause means and what to do about it, without Markdown; null if it is unknown. */
export function causeExplained(cause: string): AboutCause | null {
  const about = isCause(cause) ? aboutCause(cause) : ofCondition(cause);
  if (about === undefined) return null;
  const { means, remedy } = about;
  return { means: means.replaceAll('`', ''), remedy: remedy.replaceAll('`', '') };
}
