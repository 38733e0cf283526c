import type { AboutCause } from './about-cause.ts';

/** The causes for which the website is at fault: a check with one of these is `down`. */
export const DOWN = {
  dns_not_found: {
    means: 'the host name does not exist, or has no address of the requested family',
    remedy: 'correct the URL or the DNS zone; see `ip_family`',
  },
  dns_server_failure: {
    means: 'the host’s name servers answer with an error, while other names resolve',
    remedy: 'check the zone’s name servers, DNSSEC and delegation',
  },
  dns_timeout: {
    means: 'the host’s name servers did not answer in time, while other names resolve',
    remedy: 'check the zone’s name servers',
  },
  connect_refused: {
    means: 'nothing listens on the port',
    remedy: 'start the server, or correct the port',
  },
  connect_unreachable: {
    means: 'a router reported that the host or its network is unreachable',
    remedy: 'check the host, its routes and its firewall',
  },
  connect_timeout: {
    means: 'the host did not accept a connection in time',
    remedy: 'check the host, its firewall and its connection backlog',
  },
  connection_reset: {
    means: 'the connection was closed or reset before the response was complete',
    remedy: 'check the server’s log for a crash or a limit, or the load balancer for a missing backend',
  },
  tls_expired: {
    means: 'a certificate that the chain needs has expired',
    remedy: 'renew the certificate; the chain may contain an expired intermediate',
  },
  tls_not_yet_valid: {
    means: 'a certificate in the chain is not valid yet',
    remedy: 'check the clocks of the issuer and of this worker',
  },
  tls_wrong_host: {
    means: 'the certificate is for other hosts',
    remedy: 'add the host to the certificate, or make the server present the right one',
  },
  tls_self_signed: {
    means: 'the certificate is self-signed',
    remedy:
      'get a certificate from an authority, trust your own with `NODE_EXTRA_CA_CERTS`, or set `verify_tls = false`',
  },
  tls_untrusted: {
    means:
      'the certificate chain does not lead to an authority that this worker trusts, or is weak or broken',
    remedy:
      'present the intermediates too, trust your own authority with `NODE_EXTRA_CA_CERTS`, or set `legacy_tls = true` for a weak key',
  },
  tls_failed: {
    means: 'the TLS connection failed: no common protocol or cipher, or the port does not speak TLS',
    remedy:
      'check the server’s TLS settings, correct the scheme or port, or set `legacy_tls = true` for a server too old to change',
  },
  tls_expires_soon: {
    means: 'a certificate that the chain needs is valid for less than `min_certificate_validity`',
    remedy: 'renew the certificate',
  },
  tls_timeout: {
    means: 'the TLS handshake did not finish in time',
    remedy: 'check the server’s load',
  },
  response_timeout: {
    means: 'the response headers were not complete in time',
    remedy: 'check the server’s load, or raise `timeout`',
  },
  transfer_timeout: {
    means: 'the headers arrived in time, but no byte of the body did',
    remedy: 'check the server’s load, or raise `timeout`',
  },
  protocol_error: {
    means: 'the response is not HTTP, or its body cannot be decoded',
    remedy: 'read the detail; check the server, or correct the scheme or port',
  },
  too_many_redirects: {
    means: 'there were more redirects than `max_redirects`',
    remedy: 'look for a loop; if it redirects to a login page, set credentials',
  },
  invalid_redirect: {
    means:
      'a redirect leads to something other than an http or https URL, to a URL longer than 8 KiB, or would send the request body to another origin',
    remedy: 'correct the redirect, or set the URL to its destination',
  },
  http_status: {
    means: 'the final status is not accepted',
    remedy: 'check the server, or set `accepted_statuses`',
  },
  regex_mismatch: {
    means: 'the body does not contain the pattern',
    remedy: 'check the page; only its first `--max-body-bytes` are read',
  },
  regex_forbidden: {
    means: 'the body contains the pattern, but must not',
    remedy: 'check the page',
  },
  too_slow: {
    means: 'nothing else was wrong, but the check took longer than `max_latency`',
    remedy: 'find the slow phase',
  },
} as const satisfies Readonly<Record<string, AboutCause>>;
