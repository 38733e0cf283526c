import { z } from 'zod';

/**
 * A rule for a text, which parses it into a value.
 *
 * @param says completes "--flag: …" and "column …"; never contains the text itself, which may be a secret
 * @param read returns undefined if the text breaks the rule
 */
export const rule = <T>(says: string | ((text: string) => string), read: (text: string) => T | undefined) =>
  z.string().transform((text, context): T => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: typeof says === 'string' ? says : says(text) });
    return z.NEVER;
  });

export const within = (value: number, min: number, max: number): number | undefined =>
  value >= min && value <= max ? value : undefined;

export const wholeNumber = (min: number, max: number) =>
  rule(`must be a whole number from ${min} to ${max}`, text =>
    /^\d{1,15}$/.test(text) ? within(Number(text), min, max) : undefined,
  );

/** Parses seconds into milliseconds. */
export const secondsAsMs = (minSeconds: number, maxSeconds: number) =>
  rule(`must be seconds from ${minSeconds} to ${maxSeconds}, as in 10 or 2.5`, text => {
    const seconds = /^\d{1,9}(\.\d{1,3})?$/.test(text)
      ? within(Number(text), minSeconds, maxSeconds)
      : undefined;
    return seconds === undefined ? undefined : Math.round(seconds * 1000);
  });

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const INTERVAL_MAX_MS = 30 * 86_400_000;

/** Parses an interval into milliseconds. Has the database's limits for `check_interval`. */
export const intervalAsMs = rule('must be an interval from 1s to 30d, as in 30s, 5m, 1h, 1d or 90', text => {
  const [, amount, unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text) ?? [];
  return within(Number(amount) * (UNIT_MS[unit] ?? Number.NaN), 1_000, INTERVAL_MAX_MS);
});

const LONG_UNIT_MS: Readonly<Record<string, number>> = { ...UNIT_MS, ms: 1, sec: 1_000, min: 60_000 };
const DURATION = /^(\d{1,9}(?:\.\d{1,6})?) ?(ms|sec|min|s|m|h|d|seconds?|minutes?|hours?|days?)?$/;
const CLOCK = /^(\d{1,4}):([0-5]\d):([0-5]\d(?:\.\d{1,6})?)$/;

/** Parses a duration into milliseconds: as people write it, as PostgreSQL prints it, or in seconds. */
export const duration = (minMs: number, maxMs: number, says: string) =>
  rule(`must be a duration ${says}, as in 30s, 500 ms, 1.5 hours, 00:01:30 or 90`, text => {
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

/** @returns undefined for any other word */
export const readYesOrNo = (text: string): boolean | undefined =>
  Object.hasOwn(WORDS, text.toLowerCase()) ? WORDS[text.toLowerCase()] : undefined;

export const yesOrNo = rule('must be true or false (or 1, 0, yes, no, on, off)', readYesOrNo);

export const oneOf = <const Word extends string>(...words: Word[]) =>
  rule(`must be one of ${words.join(', ')}`, text => words.find(word => word === text));

/** For names that people choose, which end up in logs and tables. */
export const printable = (charactersMax: number) =>
  rule(`must be 1 to ${charactersMax} characters without control characters`, text =>
    text.length >= 1 && text.length <= charactersMax && !/\p{Cc}/u.test(text) ? text : undefined,
  );

/** Parses whole days into milliseconds. */
export const days = (min: number, max: number) =>
  rule(`must be a whole number of days from ${min} to ${max}`, text =>
    /^\d{1,3}$/.test(text)
      ? within(Number(text) * 86_400_000, min * 86_400_000, max * 86_400_000)
      : undefined,
  );
