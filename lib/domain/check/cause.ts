/** What a cause says to a person. */
export interface AboutCause {
  readonly means: string;
  /** What to do about it */
  readonly remedy: string;
}

/** The website's own troubles: a check with one of these is `down`. */
const DOWN = {
  dns_not_found: {
    means: 'the host name does not exist, or has no address of the family asked for',
    remedy: 'correct the url, or the DNS zone; see `ip_family`',
  },
  dns_server_failure: {
    means: 'the name servers of the host answer with an error, while other names are found',
    remedy: 'look at the zone’s name servers, DNSSEC and delegation',
  },
  dns_timeout: {
    means: 'the name servers of the host did not answer in time, while other names are found',
    remedy: 'look at the zone’s name servers',
  },
  connect_refused: {
    means: 'nothing listens on the port',
    remedy: 'start the server, or correct the port',
  },
  connect_unreachable: {
    means: 'a router on the way says that the host or its network cannot be reached',
    remedy: 'look at the host, its routes and its firewall',
  },
  connect_timeout: {
    means: 'no connection was accepted in time',
    remedy: 'look at the host, its firewall and its backlog of connections',
  },
  connection_reset: {
    means: 'the connection was closed or reset before the response had ended',
    remedy: 'look at the server’s log: a crash, a limit or a balancer without a backend',
  },
  tls_expired: {
    means: 'a certificate of the chain has expired',
    remedy: 'renew it; the chain may hold an old intermediate',
  },
  tls_not_yet_valid: {
    means: 'a certificate of the chain is not valid yet',
    remedy: 'look at the clocks of the issuer and of this worker',
  },
  tls_wrong_host: {
    means: 'the certificate is for other hosts',
    remedy: 'add the host to the certificate, or correct which one the server presents',
  },
  tls_self_signed: {
    means: 'the certificate is signed by itself',
    remedy: 'get one from an authority; with `NODE_EXTRA_CA_CERTS` trust your own; or `verify_tls = false`',
  },
  tls_untrusted: {
    means: 'the chain does not lead to an authority that is trusted here, or is weak or unsound',
    remedy: 'present the intermediates, too; with `NODE_EXTRA_CA_CERTS` trust your own authority',
  },
  tls_failed: {
    means: 'no TLS connection came about, or it broke: no common protocol or cipher, or no TLS at all',
    remedy: 'look at the server’s TLS settings, or correct the scheme or port',
  },
  tls_expires_soon: {
    means: 'a certificate of the chain is valid for less than `min_certificate_validity`',
    remedy: 'renew it',
  },
  tls_timeout: {
    means: 'the TLS handshake did not end in time',
    remedy: 'look at the server’s load',
  },
  response_timeout: {
    means: 'the headers of the response were not complete in time',
    remedy: 'look at the server’s load, or raise `timeout`',
  },
  transfer_timeout: {
    means: 'the headers came in time, and not a byte of the body',
    remedy: 'look at the server’s load, or raise `timeout`',
  },
  protocol_error: {
    means: 'the response is not HTTP, or its body cannot be decoded',
    remedy: 'the detail says what is wrong; look at the server, or correct scheme and port',
  },
  too_many_redirects: {
    means: 'there were more than `max_redirects`',
    remedy: 'look for a loop; a redirect that waits for a login needs credentials',
  },
  invalid_redirect: {
    means:
      'a redirect leads to no http or https url, to one of over 8 KiB, or would take the request’s body to another origin',
    remedy: 'correct the redirect, or set the url to where it leads',
  },
  http_status: {
    means: 'the final status is not accepted',
    remedy: 'look at the server, or set `accepted_statuses`',
  },
  regex_mismatch: {
    means: 'the body does not contain the pattern',
    remedy: 'look at the page; only its first `--max-body-bytes` are read',
  },
  regex_forbidden: {
    means: 'the body contains the pattern, and must not',
    remedy: 'look at the page',
  },
  too_slow: {
    means: 'all was well, but it took longer than `max_latency`',
    remedy: 'the phases say what was slow',
  },
} as const satisfies Readonly<Record<string, AboutCause>>;

/** Our own troubles, or a configuration nobody could check: a check with one of these is `unknown`. */
const UNKNOWN = {
  network_unavailable: {
    means: 'this machine has no route to the address',
    remedy: 'look at this machine’s network; set `ip_family` where it has only one',
  },
  resolver_unavailable: {
    means: 'our own name servers answer nothing, or nothing of use, for any name',
    remedy: 'look at `/etc/resolv.conf` and at the servers that it names',
  },
  out_of_resources: {
    means: 'this machine has no file descriptor, port or memory left',
    remedy: 'raise `ulimit -n`, or lower `--worker-number`',
  },
  worker_stalled: {
    means: 'this process was too busy to look when the answer was due',
    remedy: 'give it more CPU, lower `--worker-number`, or start more workers',
  },
  regex_invalid: {
    means: 'the pattern is not RE2, or too large to run',
    remedy: 'correct it; `regex_problem` and the detail say where',
  },
  regex_timeout: {
    means: 'the search was stopped at its deadline, `--regex-timeout`',
    remedy: 'make the pattern simpler: fewer and smaller repetitions',
  },
  regex_set_aside: {
    means: 'the pattern was stopped at its deadline three times in a row, and is not run any more',
    remedy: 'edit the pattern, or set `regex_problem` to null to try it again',
  },
  address_forbidden: {
    means: 'the host has no address that may be checked: private ones must be allowed',
    remedy: 'allow the range with `--allow-private-targets`, if it is meant to be checked',
  },
  secret_unavailable: {
    means: 'a credential or header refers to a secret that is not there',
    remedy: 'set the variable, or make the file, that the detail names',
  },
  request_invalid: {
    means: 'nobody could send this request',
    remedy: 'correct the url or the headers, as the detail says',
  },
  internal_error: {
    means: 'a fault of website-monitor itself, or a result that the database refused',
    remedy: 'report it, with the detail',
  },
} as const satisfies Readonly<Record<string, AboutCause>>;

export type DownCause = keyof typeof DOWN;
export type UnknownCause = keyof typeof UNKNOWN;
export type Cause = DownCause | UnknownCause;

export const DOWN_CAUSES = Object.keys(DOWN) as readonly DownCause[];
export const UNKNOWN_CAUSES = Object.keys(UNKNOWN) as readonly UnknownCause[];

export const isOurTrouble = (cause: Cause): cause is UnknownCause => Object.hasOwn(UNKNOWN, cause);

export const aboutCause = (cause: Cause): AboutCause => (isOurTrouble(cause) ? UNKNOWN[cause] : DOWN[cause]);
