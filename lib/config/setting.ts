import { z } from 'zod';
import type { SettingLimits } from '../domain/setting-limits.ts';
import { secondsAsMs, wholeNumber } from '../targets/text-rules.ts';

/** How a setting is given and described: the parser, `--help` and the table in docs/SETTINGS.md are made from these. */
export interface About {
  readonly flag: string;
  /** As in `-f` */
  readonly short?: string;
  /** Names in the order in which they are looked up; none where only the command line makes sense */
  readonly environment: readonly string[];
  readonly default: string;
  readonly meaning: string;
  /** The bare flag means true, and `--no-…` means false */
  readonly isSwitch: boolean;
  /** May be given several times, each time with one more value */
  readonly isRepeatable: boolean;
}

/** What a field of the schema is to people. */
export const abouts = z.registry<About>();

export const about = (flag: string, whenUnset: string, meaning: string, more: Partial<About> = {}): About => {
  const environment = [`WEBSITE_MONITOR_${flag.slice(2).replaceAll('-', '_').toUpperCase()}`];
  return { flag, environment, default: whenUnset, meaning, isSwitch: false, isRepeatable: false, ...more };
};

type Rule<T> = z.ZodType<T, string>;

/** What is said of one target, which makes no sense in an environment. */
export const ofOneTarget = { environment: [] };

/** A setting whose default is written as a user would write it, and goes through the same rule. */
export const setting = <T>(
  flag: string,
  schema: Rule<T>,
  whenUnset: string,
  meaning: string,
  more?: Partial<About>,
) => schema.prefault(whenUnset).register(abouts, about(flag, whenUnset, meaning, more));

/** A whole number. */
export const whole = (flag: string, { min, max, byDefault }: SettingLimits, meaning: string) =>
  setting(flag, wholeNumber(min, max), String(byDefault), meaning);

/** A time given in seconds; limits and value are in ms. */
export const seconds = (flag: string, { min, max, byDefault }: SettingLimits, meaning: string) =>
  setting(flag, secondsAsMs(min / 1_000, max / 1_000), String(byDefault / 1_000), meaning);

/** A setting that is null when unset; `whenUnset` tells people what happens then. */
export const optional = <T>(
  flag: string,
  schema: Rule<T>,
  whenUnset: string,
  meaning: string,
  more?: Partial<About>,
) =>
  schema
    .nullable()
    .default(null)
    .register(abouts, about(flag, whenUnset, meaning, more));
