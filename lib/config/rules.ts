import { isIP } from 'node:net';
import { z } from 'zod';
import { parseStatusRanges, type StatusRange } from '../domain/target/status-ranges.ts';
import type { Credentials } from '../domain/target/target.ts';

/**
 * What a setting's text must be like, and what it becomes.
 *
 * @param says completes "--flag: …"; it never holds the text itself, which may be a secret
 * @param read undefined where the text breaks the rule
 */
const rule = <T>(says: string, read: (text: string) => T | undefined) =>
  z.string().transform((text, context): T => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: says });
    return z.NEVER;
  });

const within = (value: number, min: number, max: number): number | undefined =>
  value >= min && value <= max ? value : undefined;

export const wholeNumber = (min: number, max: number) =>
  rule(`must be a whole number from ${min} to ${max}`, text =>
    /^\d{1,15}$/.test(text) ? within(Number(text), min, max) : undefined,
  );

/** Written in seconds, kept in milliseconds. */
export const secondsAsMs = (minSeconds: number, maxSeconds: number) =>
  rule(`must be seconds from ${minSeconds} to ${maxSeconds}, as in 10 or 2.5`, text => {
    const seconds = /^\d{1,9}(\.\d{1,3})?$/.test(text)
      ? within(Number(text), minSeconds, maxSeconds)
      : undefined;
    return seconds === undefined ? undefined : Math.round(seconds * 1000);
  });

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const INTERVAL_MAX_MS = 30 * 86_400_000;

/** The same limits as the database has for `check_interval`. */
export const intervalAsMs = rule('must be an interval from 1s to 30d, as in 30s, 5m, 1h, 1d or 90', text => {
  const [, amount, unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text) ?? [];
  return within(Number(amount) * (UNIT_MS[unit] ?? Number.NaN), 1_000, INTERVAL_MAX_MS);
});

const LONG_UNIT_MS: Readonly<Record<string, number>> = { ...UNIT_MS, ms: 1, sec: 1_000, min: 60_000 };
const DURATION = /^(\d{1,9}(?:\.\d{1,6})?) ?(ms|sec|min|s|m|h|d|seconds?|minutes?|hours?|days?)?$/;
const CLOCK = /^(\d{1,4}):([0-5]\d):([0-5]\d(?:\.\d{1,6})?)$/;

/** As people write it, as PostgreSQL does, or in seconds; kept in milliseconds. */
export const duration = (minMs: number, maxMs: number, says: string) =>
  rule(`must be a time ${says}, as in 30s, 500 ms, 1.5 hours, 00:01:30 or 90`, text => {
    const [, hours, minutes, seconds] = CLOCK.exec(text) ?? [];
    if (hours !== undefined)
      return within(
        Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1_000,
        minMs,
        maxMs,
      );
    const [, amount, unit = 's'] = DURATION.exec(text) ?? [];
    return within(
      Number(amount) * (LONG_UNIT_MS[unit] ?? UNIT_MS[unit.charAt(0)] ?? Number.NaN),
      minMs,
      maxMs,
    );
  });

const WORDS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  1: true,
  false: false,
  no: false,
  off: false,
  0: false,
};

/** @returns undefined for a word that is neither */
export const readYesOrNo = (text: string): boolean | undefined =>
  Object.hasOwn(WORDS, text.toLowerCase()) ? WORDS[text.toLowerCase()] : undefined;

export const yesOrNo = rule('must be true or false (or 1, 0, yes, no, on, off)', readYesOrNo);

export const oneOf = <const Word extends string>(...words: Word[]) =>
  rule(`must be one of ${words.join(', ')}`, text => words.find(word => word === text));

/** Several of them, with commas between. */
export const listOf = <const Word extends string>(...words: Word[]) =>
  rule(
    words.length > 5
      ? 'must be names of causes with commas between: docs/CAUSES.md has them all'
      : `must be one or more of ${words.join(', ')}, with commas between`,
    (text): readonly Word[] | undefined => {
      const found = text.split(',').map(part => words.find(word => word === part.trim()));
      return found.every(word => word !== undefined) ? found : undefined;
    },
  );

/** For names of people's choosing that end up in logs and tables. */
export const printable = (charactersMax: number) =>
  rule(`must be 1 to ${charactersMax} characters without control characters`, text =>
    text.length >= 1 && text.length <= charactersMax && !/\p{Cc}/u.test(text) ? text : undefined,
  );

export const portOrOff = rule('must be a port from 0 to 65535, or off', text => {
  if (text === 'off') return 'off' as const;
  return /^\d{1,5}$/.test(text) ? within(Number(text), 0, 65_535) : undefined;
});

/** By its form only: whether a server answers there is found out by connecting. */
export const postgresUrl = rule(
  'must be a PostgreSQL URL, as in postgres://user:password@host:5432/database',
  text => {
    // Without a host (a Unix socket named in ?host=) the form is lawful for pg, though not for URL.
    const url = /^postgres(ql)?:\/\//i.test(text) ? URL.parse(text.replace('@/', '@localhost/')) : null;
    return url !== null && isDecodable(url.username + url.password + url.pathname) ? text : undefined;
  },
);

const isDecodable = (text: string): boolean => {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false; // a stray % in a password: pg would throw on it at the first connection
  }
};

const URL_CHARACTERS_MAX = 2_048;

/** In its normal form, so that the same website is the same text at every start. */
export const websiteUrl = rule(
  `must be an http or https URL of at most ${URL_CHARACTERS_MAX} characters, without user info or port 0`,
  text => {
    const url = /^https?:\/\//i.test(text) && text.length <= URL_CHARACTERS_MAX ? URL.parse(text) : null;
    if (url === null || url.username !== '' || url.password !== '' || url.port === '0') return undefined;
    return url.href;
  },
);

/** A target that is there: by its id, or by its URL, with whatever method. */
export type TargetName =
  | { readonly id: string }
  /** As it was given, and in its normal form: an INSERT may have left it in either */
  | { readonly urls: readonly string[] };

export const targetName = rule(
  'must be the id of a target, as targets list shows it, or its URL',
  (text): TargetName | undefined => {
    if (/^[1-9]\d{0,17}$/.test(text)) return { id: text };
    const { data: url } = websiteUrl.safeParse(text);
    return url === undefined ? undefined : { urls: [...new Set([text, url])] };
  },
);

/** `none`, `all`, and addresses or ranges of them, with commas between. */
export const privateTargets = rule(
  'must be none, all, or addresses and ranges with commas between, as in 10.0.0.0/8,fd00::/8,127.0.0.1',
  text => {
    const words = text.split(',').map(word => word.trim().toLowerCase());
    const ranges = words.filter(word => word !== 'all' && word !== 'none');
    const isLoneNone = !words.includes('none') || words.length === 1;
    return isLoneNone && ranges.every(isRange) ? { all: words.includes('all'), ranges } : undefined;
  },
);

function isRange(text: string): boolean {
  const [, address = '', prefix = '0'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && !address.includes('%') && Number(prefix) <= (family === 4 ? 32 : 128);
}

export const statusRanges = rule(
  'must be like 200-299,401, from 100 to 599',
  (text): readonly StatusRange[] | undefined => parseStatusRanges(text) ?? undefined,
);

export const ipFamily = rule('must be 4 or 6', text =>
  text === '4' ? (4 as const) : text === '6' ? (6 as const) : undefined,
);

/** Kept in milliseconds. */
export const days = (min: number, max: number) =>
  rule(`must be a whole number of days from ${min} to ${max}`, text =>
    /^\d{1,3}$/.test(text)
      ? within(Number(text) * 86_400_000, min * 86_400_000, max * 86_400_000)
      : undefined,
  );

export const basicAuth = rule('must be user:password', (text): Credentials | undefined => {
  const [, user, password] = /^(\$\{[^}]+\}|[^:\p{Cc}]+):([^\p{Cc}]*)$/u.exec(text) ?? [];
  return user === undefined ? undefined : { kind: 'basic', user, password: password ?? '' };
});

export const bearerToken = rule('must be printable ASCII without spaces', (text): Credentials | undefined =>
  /^[!-~]+$/.test(text) ? { kind: 'bearer', token: text } : undefined,
);

const HEADER = /^([-!#$%&'*+.^_`|~0-9A-Za-z]+):[ \t]*([^\r\n\0]*)$/;

/** Several texts, each a header. */
export const headers = z.array(z.string()).transform((texts, context): Readonly<Record<string, string>> => {
  const found = texts.map(text => HEADER.exec(text));
  if (found.every(match => match !== null)) {
    return Object.fromEntries(found.map(([, name, value]) => [name, value]));
  }
  context.addIssue({ code: 'custom', message: "must be like 'name: value'" });
  return z.NEVER;
});
