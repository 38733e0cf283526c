import { z } from 'zod';
import { parseStatusRanges, type StatusRange, statusRangesText } from '../domain/target/status-ranges.ts';
import { METHODS, type Method } from '../domain/target/target.ts';
import * as targetRules from './target-rules.ts';
import {
  days,
  duration,
  intervalAsMs,
  oneOf,
  printable,
  secondsAsMs,
  wholeNumber,
  yesOrNo,
} from './text-rules.ts';

export type SqlType =
  | 'bigint'
  | 'boolean'
  | 'integer'
  | 'interval'
  | 'jsonb'
  | 'smallint'
  | 'text'
  | 'timestamptz';

/** How a value is written on the command line, in files and in the database. */
export interface Kind<Value> {
  readonly type: SqlType;
  /** What a number alone means on the command line */
  readonly unit: 'seconds' | 'days' | null;
  readonly flagRule: z.ZodType<Value, string> | z.ZodType<Value, string[]>;
  /** Parses the text in a file into what `toJson` returns */
  readonly fileRule: z.ZodType<unknown, string>;
  /** As PostgreSQL reads it from JSON */
  readonly toJson: (value: Value) => unknown;
  /** Reads what `target_as_json` builds */
  readonly fromJson: (json: unknown) => Value;
  /** As its flag takes it; "none" for an empty list */
  readonly toFlag: (value: Value) => string;
  /** A switch needs no value; the flag of a list may be repeated */
  readonly form: 'switch' | 'list' | 'value';
}

type Differing<Value> = Partial<Omit<Kind<Value>, 'type' | 'flagRule'>>;

/** A kind whose text, JSON and value are the same, except where `differing` says otherwise. */
export const plain = <Value>(
  type: SqlType,
  flagRule: z.ZodType<Value, string>,
  differing: Differing<Value> = {},
): Kind<Value> => ({
  type,
  unit: null,
  flagRule,
  fileRule: flagRule,
  toJson: value => value,
  fromJson: json => json as Value,
  toFlag: String,
  form: 'value',
  ...differing,
});

const DAY_MS = 86_400_000;
const UNIT_MS = { seconds: 1_000, days: DAY_MS } as const;

const ofTime = (unit: Kind<number>['unit'], flagRule: z.ZodType<number, string>, ...range: DurationRange) => {
  const toJson = (durationMs: number): string => `${durationMs / 1_000} s`;
  const toFlag = (durationMs: number): string =>
    unit === null ? `${durationMs / 1_000}s` : String(durationMs / UNIT_MS[unit]);
  return plain('interval', flagRule, {
    unit,
    fileRule: duration(...range).transform(toJson),
    toJson,
    toFlag,
  });
};
type DurationRange = Parameters<typeof duration>;

/** In milliseconds. */
export const checkInterval = ofTime(null, intervalAsMs, 1_000, 30 * DAY_MS, 'from 1 second to 30 days');
/** In milliseconds; the flag takes seconds. */
export const upTo10Minutes = ofTime(
  'seconds',
  secondsAsMs(0.001, 600),
  1,
  600_000,
  'from 1 ms to 10 minutes',
);
/** In milliseconds; the flag takes days. */
export const upTo365Days = ofTime('days', days(0, 365), 0, 365 * DAY_MS, 'from 0 to 365 days');

export const url = plain('text', targetRules.websiteUrl);
export const method = plain<Method>('text', oneOf(...METHODS));
export const isYes = plain('boolean', yesOrNo, { form: 'switch' });
export const ipFamily = plain('smallint', targetRules.ipFamily);
export const upTo20 = plain('smallint', wholeNumber(0, 20));
export const requestBody = plain('text', z.string().max(65_536, 'must be at most 64 KiB'), {
  fileRule: z.string(),
});

export const key = plain('text', targetRules.key);
/** In a file, the database's constraints check the rest. */
export const line = plain('text', printable(200), { fileRule: z.string() });
export const notes = plain('text', targetRules.notes);
/** The key of another target; the database looks up its id. */
export const dependsOn = plain('bigint', targetRules.key);

/** In milliseconds; the flag takes 30s or 5m. */
export const upToADay = ofTime(null, duration(0, DAY_MS, 'from 0 to 1 day'), 0, DAY_MS, 'from 0 to 1 day');

/** Prometheus label names, each with a text. */
export const labels: Kind<Readonly<Record<string, string>>> = {
  ...plain('jsonb', z.never()),
  flagRule: targetRules.labels,
  fileRule: jsonObject('{"team": "web"}'),
  toJson: value => value,
  fromJson: json => json as Readonly<Record<string, string>>,
  toFlag: listText('='),
  form: 'list',
};

/** Stores a file's text as written, so that importing the same file again changes nothing. */
export const statusRanges = plain<readonly StatusRange[]>('text', targetRules.statusRanges, {
  fileRule: z.string().superRefine((text, context) => {
    for (const { message } of targetRules.statusRanges.safeParse(text).error?.issues ?? [])
      context.addIssue({ code: 'custom', message });
  }),
  toJson: statusRangesText,
  fromJson: json => parseStatusRanges(String(json)) ?? [],
});

/** No headers are null in the database. */
export const headers: Kind<Readonly<Record<string, string>>> = {
  ...plain('jsonb', z.never()),
  flagRule: targetRules.headers,
  fileRule: jsonObject('{"accept": "text/html"}'),
  toJson: value => (Object.keys(value).length === 0 ? null : value),
  fromJson: json => json as Readonly<Record<string, string>>,
  toFlag: listText(': '),
  form: 'list',
};

function listText(separator: string) {
  return (entries: Readonly<Record<string, string>>): string =>
    Object.entries(entries)
      .map(([name, value]) => name + separator + value)
      .join(', ') || 'none';
}

/** The database's constraints check the rest. */
function jsonObject(example: string) {
  return z.string().transform((text, context): object => {
    const value = parsed(text);
    if (typeof value === 'object' && value !== null) return value;
    context.addIssue({ code: 'custom', message: `must be a JSON object, as in ${example}` });
    return z.NEVER;
  });
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
