import { z } from 'zod';
import { METHODS } from '../domain/target/target.ts';
import * as rules from './rules.ts';
import { about, abouts, ofOneTarget, optional } from './setting.ts';

const option = <T>(
  flag: string,
  schema: z.ZodType<T, string>,
  whenUnset: string,
  meaning: string,
  more = {},
) => optional(flag, schema, whenUnset, meaning, { ...ofOneTarget, ...more });

/**
 * What the command line can say of the URLs that stand on it: each field is a column of
 * `monitored_targets`, and null where it was not said.
 */
export const targetFields = {
  everyMs: option('--every', rules.intervalAsMs, '60s', 'interval: 30s, 5m, 1h, 1d'),
  method: option('--method', rules.oneOf(...METHODS), 'GET', METHODS.join(', ')),
  headers: z
    .optional(rules.headers)
    .register(
      abouts,
      about('--header', '–', "'name: value', as often as needed", { ...ofOneTarget, isRepeatable: true }),
    ),
  requestBody: option(
    '--request-body',
    z.string().max(65_536, 'must be at most 64 KiB'),
    '–',
    'sent with the request',
  ),
  basicAuth: option('--basic-auth', rules.basicAuth, '–', 'user:password'),
  bearerToken: option('--bearer-token', rules.bearerToken, '–', 'sent as `Authorization: Bearer …`'),
  acceptedStatuses: option('--accepted-statuses', rules.statusRanges, 'below 400', 'as in 200-299,401'),
  redirectsMax: option(
    '--max-redirects',
    rules.wholeNumber(0, 20),
    '10',
    '0 = the redirect itself is judged',
  ),
  match: option('--match', rules.printable(10_000), '–', 'RE2 pattern that the body must contain'),
  mustNotMatch: option(
    '--must-not-match',
    rules.printable(10_000),
    '–',
    'RE2 pattern that the body must not contain',
  ),
  latencyMaxMs: option(
    '--max-latency',
    rules.secondsAsMs(0.001, 600),
    '–',
    'seconds; a check that takes longer is down',
  ),
  ipFamily: option('--ip-family', rules.ipFamily, 'either', '4 or 6'),
  verifiesTls: option('--verify-tls', rules.yesOrNo, 'true', '`--no-verify-tls` accepts any certificate', {
    isSwitch: true,
  }),
  certificateValidityMinMs: option(
    '--min-certificate-validity',
    rules.days(0, 365),
    '–',
    'days; a certificate that expires sooner is down',
  ),
  timeoutMs: option('--timeout', rules.secondsAsMs(0.001, 600), '--max-timeout', 'seconds, of each attempt'),
};

/** What was said of the URLs on the command line. */
export type TargetOptions = z.output<z.ZodObject<typeof targetFields>>;
