/** The website's own troubles: a check with one of these is `down`. */
export const DOWN_CAUSES = [
  'dns_not_found',
  'dns_server_failure',
  'dns_timeout',
  'connect_refused',
  'connect_unreachable',
  'connect_timeout',
  'connection_reset',
  'tls_expired',
  'tls_not_yet_valid',
  'tls_wrong_host',
  'tls_self_signed',
  'tls_untrusted',
  'tls_failed',
  'tls_timeout',
  'response_timeout',
  'transfer_timeout',
  'protocol_error',
  'too_many_redirects',
  'invalid_redirect',
  'http_status',
  'regex_mismatch',
] as const;

/** Our own troubles, or a configuration nobody could check: a check with one of these is `unknown`. */
export const UNKNOWN_CAUSES = [
  'resolver_unavailable',
  'out_of_resources',
  'worker_stalled',
  'regex_invalid',
  'regex_timeout',
  'request_invalid',
  'internal_error',
] as const;

export type DownCause = (typeof DOWN_CAUSES)[number];
export type UnknownCause = (typeof UNKNOWN_CAUSES)[number];
export type Cause = DownCause | UnknownCause;

const unknownCauses: ReadonlySet<string> = new Set(UNKNOWN_CAUSES);

export const isOurTrouble = (cause: Cause): cause is UnknownCause => unknownCauses.has(cause);
