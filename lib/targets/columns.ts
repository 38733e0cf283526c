import { z } from 'zod';
import * as rules from '../config/rules.ts';
import { METHODS } from '../domain/target/target.ts';
import { search } from '../matching/search.ts';

/**
 * In a file this stands for whatever the database has: secrets are exported so, and leave what is there as
 * it is when they are imported.
 */
export const KEPT = '${kept}';

const DAY_MS = 86_400_000;
const text = z.string();
const upTo10Minutes = rules.duration(1, 600_000, 'from 1 ms to 10 minutes');

const sentence = <T>(schema: z.ZodType<T, string>) =>
  z.string().refine(value => schema.safeParse(value).success, {
    error: issue => schema.safeParse(issue.input).error?.issues[0]?.message ?? 'is not valid',
  });

/** What the file says of each column, as text, to what the database is told. What else must hold, its constraints say. */
const RULES: Readonly<Record<string, z.ZodType<unknown, string>>> = {
  url: rules.websiteUrl,
  method: rules.oneOf(...METHODS),
  enabled: rules.yesOrNo,
  check_interval: inMs(rules.duration(1_000, 30 * DAY_MS, 'from 1 second to 30 days')),
  timeout: inMs(upTo10Minutes),
  default_headers: z.string().transform((json, context) => {
    const headers = parsed(json);
    if (typeof headers === 'object' && headers !== null) return headers;
    context.addIssue({ code: 'custom', message: 'must be a JSON object, as in {"accept": "text/html"}' });
    return z.NEVER;
  }),
  request_body: text,
  basic_auth_user: text,
  basic_auth_password: text,
  bearer_token: text,
  accepted_statuses: sentence(rules.statusRanges), // as it is written: the same file changes nothing
  max_redirects: rules.wholeNumber(0, 20),
  regex_pattern: text.superRefine((pattern, context) => {
    const match = search(pattern, '');
    if (match.kind === 'invalid')
      context.addIssue({ code: 'custom', message: `must be a pattern that RE2 takes: ${match.detail}` });
  }),
  regex_must_match: rules.yesOrNo,
  max_latency: inMs(upTo10Minutes),
  ip_family: rules.ipFamily,
  verify_tls: rules.yesOrNo,
  min_certificate_validity: inMs(rules.duration(0, 365 * DAY_MS, 'from 0 to 365 days')),
};

function inMs(schema: z.ZodType<number, string>) {
  return schema.transform(durationMs => `${durationMs} milliseconds`);
}

/** In the order in which a file has them. */
export const COLUMNS: readonly string[] = Object.keys(RULES);

/** Where nothing may be null, what an empty cell means. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  method: 'GET',
  enabled: true,
  check_interval: '60 s',
  max_redirects: 10,
  regex_must_match: true,
  verify_tls: true,
};

/** What is wrong with a column, completing "line 7: …"; never its value, which may be a secret. */
export type Read = { readonly value: unknown } | { readonly problem: string };

/** @param said null, or text, or whatever stood in JSON */
export function readColumn(name: string, said: unknown): Read {
  if (said === null || said === undefined) return { value: DEFAULTS[name] ?? null };
  const written = typeof said === 'object' ? JSON.stringify(said) : String(said);
  const { data, error } = (RULES[name] ?? text).safeParse(written);
  return error ? { problem: `${name} ${error.issues[0]?.message}` } : { value: data };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
