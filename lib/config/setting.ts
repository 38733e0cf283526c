import { z } from 'zod';

/** How a setting is given and told of: the parser, `--help` and the README's table are made from these. */
export interface About {
  readonly flag: string;
  /** Names in the order in which they are looked up; none where only the command line makes sense */
  readonly environment: readonly string[];
  readonly default: string;
  readonly meaning: string;
  /** The bare flag means true, and `--no-…` means false */
  readonly isSwitch: boolean;
}

/** What a field of the schema is to people. */
export const abouts = z.registry<About>();

const about = (flag: string, whenUnset: string, meaning: string, more: Partial<About> = {}): About => {
  const environment = [`WEBSITE_MONITOR_${flag.slice(2).replaceAll('-', '_').toUpperCase()}`];
  return { flag, environment, default: whenUnset, meaning, isSwitch: false, ...more };
};

type Rule<T> = z.ZodType<T, string>;

/** A setting whose default is written as a user would write it, and goes through the same rule. */
export const setting = <T>(
  flag: string,
  schema: Rule<T>,
  whenUnset: string,
  meaning: string,
  more?: Partial<About>,
) => schema.prefault(whenUnset).register(abouts, about(flag, whenUnset, meaning, more));

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
