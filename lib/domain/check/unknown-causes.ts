import type { AboutCause } from './about-cause.ts';

/** The causes for which we, or the configuration, are at fault: a check with one of these is `unknown`. */
export const UNKNOWN = {
  network_unavailable: {
    means: 'this machine has no route to the address',
    remedy: 'check this machine’s network; set `ip_family` if it has only IPv4 or only IPv6',
  },
  resolver_unavailable: {
    means: 'our own name servers give no usable answer for any name',
    remedy: 'check `/etc/resolv.conf` and the servers in it',
  },
  out_of_resources: {
    means: 'this machine has run out of file descriptors, ports or memory',
    remedy: 'raise `ulimit -n`, or lower `--worker-number`',
  },
  worker_stalled: {
    means: 'this process was too busy to read the answer in time, or held too many slow bodies',
    remedy: 'give it more CPU, lower `--worker-number`, or start more workers',
  },
  regex_invalid: {
    means: 'the pattern is not valid RE2 syntax, or is too large to run',
    remedy: 'correct the pattern; `regex_problem` and the detail say what is wrong',
  },
  regex_timeout: {
    means: 'the search exceeded `--regex-timeout` and was stopped',
    remedy: 'simplify the pattern: fewer and smaller repetitions',
  },
  regex_set_aside: {
    means: 'the search overran three times in a row, so the pattern is no longer run',
    remedy: 'edit the pattern, or set `regex_problem` to null to try it again',
  },
  address_forbidden: {
    means: 'the host has only addresses that may not be checked, such as private ones',
    remedy: 'to check it anyway, allow its range with `--allow-private-targets`',
  },
  secret_unavailable: {
    means: 'a credential or header refers to a secret that is missing',
    remedy: 'set the variable or create the file that the detail names',
  },
  request_invalid: {
    means: 'the request cannot be sent',
    remedy: 'correct the URL or the headers; the detail says how',
  },
  internal_error: {
    means: 'website-monitor itself failed, or the database rejected the result',
    remedy: 'report it with its detail',
  },
} as const satisfies Readonly<Record<string, AboutCause>>;
