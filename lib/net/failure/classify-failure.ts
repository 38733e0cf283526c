import type { Cause } from '../../domain/check/cause.ts';
import type { Phase } from '../timing/phase-clock.ts';

/** The cause of a deadline that passes, by the phase in which it does. */
export const TIMEOUT_CAUSES: Readonly<Record<Phase, Cause>> = {
  dns: 'dns_timeout',
  connect: 'connect_timeout',
  tls: 'tls_timeout',
  ttfb: 'response_timeout',
  transfer: 'transfer_timeout',
};

const CAUSES_BY_CODE: Readonly<Record<string, Cause>> = {
  EMFILE: 'out_of_resources',
  ENFILE: 'out_of_resources',
  ENOBUFS: 'out_of_resources',
  ENOMEM: 'out_of_resources',
  EADDRNOTAVAIL: 'out_of_resources', // no free local port

  ECONNREFUSED: 'connect_refused',
  EHOSTUNREACH: 'connect_unreachable',
  ENETUNREACH: 'connect_unreachable',
  EHOSTDOWN: 'connect_unreachable',
  ENETDOWN: 'connect_unreachable',
  EACCES: 'connect_unreachable',
  EPERM: 'connect_unreachable',
  EINVAL: 'connect_unreachable', // an address without a possible route, such as fe80::1 without a zone
  ECONNRESET: 'connection_reset',
  ECONNABORTED: 'connection_reset',
  EPIPE: 'connection_reset',

  CERT_HAS_EXPIRED: 'tls_expired',
  CERT_NOT_YET_VALID: 'tls_not_yet_valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls_wrong_host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls_self_signed',
  // https://nodejs.org/api/tls.html#x509-certificate-error-codes
  SELF_SIGNED_CERT_IN_CHAIN: 'tls_untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'tls_untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls_untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls_untrusted',
  CERT_UNTRUSTED: 'tls_untrusted',
  CERT_REJECTED: 'tls_untrusted',
  CERT_REVOKED: 'tls_untrusted',
  CERT_SIGNATURE_FAILURE: 'tls_untrusted',
  CERT_CHAIN_TOO_LONG: 'tls_untrusted',
  INVALID_CA: 'tls_untrusted',
  INVALID_PURPOSE: 'tls_untrusted',
  PATH_LENGTH_EXCEEDED: 'tls_untrusted',
  EPROTO: 'tls_failed',
};

const CAUSES_BY_CODE_START: readonly (readonly [start: string, cause: Cause])[] = [
  ['HPE_', 'protocol_error'], // llhttp, Node's parser
  ['ERR_INVALID_', 'request_invalid'], // what Node refuses to send
  ['ERR_UNESCAPED_', 'request_invalid'],
  ['ERR_SSL_', 'tls_failed'],
  ['ERR_TLS_', 'tls_failed'],
];

/**
 * Returns the cause of an error, by its code and by the phase in which it happened.
 *
 * An unknown code is no evidence against the website, so it is a fault of ours (`internal_error`), except during the TLS
 * handshake, where OpenSSL has countless codes. Before the first phase nothing has been sent: the request was invalid.
 */
export function classifyFailure(code: string | undefined, phase: Phase | null): Cause {
  if (phase === null) return 'request_invalid';
  if (code === 'ETIMEDOUT' || code === 'ERR_SOCKET_CONNECTION_TIMEOUT') return TIMEOUT_CAUSES[phase];

  const known = code === undefined ? undefined : CAUSES_BY_CODE[code];
  if (known !== undefined) return known;
  const family = CAUSES_BY_CODE_START.find(([start]) => code?.startsWith(start));
  if (family !== undefined) return family[1];
  return phase === 'tls' ? 'tls_failed' : 'internal_error';
}
