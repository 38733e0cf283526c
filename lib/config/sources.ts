import { parseEnv } from 'node:util';
import { FLAGS, type Key } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables of `.env` and of the real environment, which beats it; an empty one counts as unset. */
export const mergeEnvironment = (dotEnv: string, environment: Environment): Environment => ({
  ...parseEnv(dotEnv),
  ...Object.fromEntries(Object.entries(environment).filter(([, text]) => text !== '')),
});

/** What was given for a setting, and by which name: problems are reported by that name. */
export interface Source {
  readonly name: string;
  /** Undefined where the setting was not given */
  readonly text: string | readonly string[] | undefined;
}

/** @param given texts by flag; they beat the environment */
export const sourcesOf = (
  given: ReadonlyMap<string, readonly string[]>,
  environment: Environment,
): ReadonlyMap<Key, Source> =>
  new Map(
    [...FLAGS].map(([key, { flag, environment: variables, isRepeatable }]) => {
      const variable = variables.find(name => environment[name]);
      const texts = given.get(flag);
      if (texts || variable === undefined) {
        return [key, { name: flag, text: isRepeatable ? texts : texts?.at(-1) }];
      }
      return [key, { name: variable, text: environment[variable] }];
    }),
  );
