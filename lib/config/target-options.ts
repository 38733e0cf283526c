import type { z } from 'zod';
import type { Option } from '../targets/field.ts';
import { OPTIONS, type OptionKey, type TargetOptions } from '../targets/options.ts';
import { about, abouts, ofOneTarget } from './setting.ts';

export type { TargetOptions };

/** A flag of a target as a setting: null where it was not given. */
const settingOf = ({ flag, rule, meaning, form, default: whenUnset }: Option<unknown>) =>
  (rule as z.ZodType)
    .nullable()
    .default(null)
    .register(
      abouts,
      about(flag, whenUnset, meaning, {
        ...ofOneTarget,
        isSwitch: form === 'switch',
        isRepeatable: form === 'list',
      }),
    );

/** What the command line can say of the URLs that stand on it. */
export const targetFields = Object.fromEntries(
  Object.entries(OPTIONS).map(([key, option]) => [key, settingOf(option)]),
) as unknown as { readonly [Key in OptionKey]: z.ZodType<TargetOptions[Key]> };
