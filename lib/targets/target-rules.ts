import { z } from 'zod';
import { hasIpv6Zone } from '../domain/target/ipv6-zone.ts';
import { parseStatusRanges, type StatusRange } from '../domain/target/status-ranges.ts';
import type { Credentials } from '../domain/target/target.ts';
import { rule } from './text-rules.ts';

const URL_CHARACTERS_MAX = 2_048;

const WEBSITE_URL = `must be an http or https URL of at most ${URL_CHARACTERS_MAX} characters, without user info or port 0`;

function readUrl(text: string): string | undefined {
  const url = /^https?:\/\//i.test(text) && text.length <= URL_CHARACTERS_MAX ? URL.parse(text) : null;
  if (url === null || url.username !== '' || url.password !== '' || url.port === '0') return undefined;
  if (url.hash === '') url.hash = ''; // removes a lone #
  return url.href;
}

/** Names an IPv6 zone, because such a URL works in other programs. */
const urlRule = (read: (text: string) => string | undefined) =>
  z.string().transform((text, context): string => {
    const url = read(text);
    if (url !== undefined) return url;
    context.addIssue({ code: 'custom', message: hasIpv6Zone(text) ? NO_ZONE : WEBSITE_URL });
    return z.NEVER;
  });

const NO_ZONE = 'must not have an IPv6 zone, such as %eth0: it names an interface of one machine';

/** Normalizes the URL, so that the same website is always the same text. */
export const websiteUrl = urlRule(readUrl);

const BARE_HOST =
  /^(localhost|\[[0-9a-f:.]+\]|\d{1,3}(\.\d{1,3}){3}|([\p{L}\p{N}_-]+\.)+\p{L}[\p{L}\p{N}-]*\.?)(:\d{1,5})?([/?#].*)?$/iu;

/** Whether a word is a host without a scheme, as in `example.org/health`. */
export const isBareHost = (text: string): boolean => BARE_HOST.test(text);

/** A URL as people type it: a bare host means https. */
export const typedUrl = urlRule(text => readUrl(isBareHost(text) ? `https://${text}` : text));

export const statusRanges = rule(
  'must be codes from 100 to 999, as in 200-299,401',
  (text): readonly StatusRange[] | undefined => parseStatusRanges(text) ?? undefined,
);

export const ipFamily = rule('must be 4 or 6', text =>
  text === '4' ? (4 as const) : text === '6' ? (6 as const) : undefined,
);

export const basicAuth = rule('must be user:password', (text): Credentials | undefined => {
  const [, user, password] = /^(\$\{[^}]+\}|[^:\p{Cc}]+):([^\p{Cc}]*)$/u.exec(text) ?? [];
  return user === undefined ? undefined : { kind: 'basic', user, password: password ?? '' };
});

export const bearerToken = rule('must be printable ASCII without spaces', (text): Credentials | undefined =>
  /^[!-~]+$/.test(text) ? { kind: 'bearer', token: text } : undefined,
);

export const key = rule('must be up to 100 of a-z, 0-9, . _ and -, as in shop.checkout-1', text =>
  /^[a-z0-9][a-z0-9._-]{0,99}$/.test(text) ? text : undefined,
);

export const notes = rule('must be at most 10,000 characters without NUL', text =>
  text.length <= 10_000 && !text.includes('\0') ? text : undefined,
);

const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]{0,99})=(\P{Cc}{0,200})$/u;
const LABELS_MAX = 32;

/** Parses texts, one per label. */
export const labels = z.array(z.string()).transform((texts, context): Readonly<Record<string, string>> => {
  const found = texts.map(text => LABEL.exec(text));
  if (found.length <= LABELS_MAX && found.every(match => match !== null))
    return Object.fromEntries(found.map(([, name, value]) => [name, value]));
  context.addIssue({ code: 'custom', message: `must be name=value, as in team=web; at most ${LABELS_MAX}` });
  return z.NEVER;
});

const HEADER = /^([-!#$%&'*+.^_`|~0-9A-Za-z]+):[ \t]*([^\r\n\0]*)$/;

/** Parses texts, one per header. */
export const headers = z.array(z.string()).transform((texts, context): Readonly<Record<string, string>> => {
  const found = texts.map(text => HEADER.exec(text));
  if (found.every(match => match !== null)) {
    return Object.fromEntries(found.map(([, name, value]) => [name, value]));
  }
  context.addIssue({ code: 'custom', message: "must be 'name: value'" });
  return z.NEVER;
});
