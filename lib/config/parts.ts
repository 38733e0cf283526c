import { z } from 'zod';
import { printable } from '../targets/text-rules.ts';
import { alertFields, channelFlags, channelSchema } from './alert-options.ts';
import { commandFields } from './command-options.ts';
import { alertId, targetName } from './rules.ts';
import {
  connectionFields,
  needsDsn,
  type ServiceConfig,
  type Surroundings,
  serviceFields,
  serviceSchema,
} from './service-settings.ts';
import type { Key } from './settings.ts';
import { silenceFields, silenceSchema } from './silence-options.ts';
import { targetFields } from './target-options.ts';
import { together } from './together.ts';
import { anyWebsitesSchema, type Websites, websitesSchema } from './websites.ts';

/** Some of what a command takes: the flags that it is given by, and what becomes of them. */
export interface Part<Config> {
  readonly keys: readonly Key[];
  readonly schema: (surroundings: Surroundings) => z.ZodType<Config>;
}

const { withLabels, sqlFile } = commandFields;

const keysOf = (fields: object): readonly Key[] => Object.keys(fields) as Key[];

export const service: Part<ServiceConfig> = { keys: keysOf(serviceFields), schema: serviceSchema };

export const connection = {
  keys: keysOf(connectionFields),
  schema: () => together(z.object(connectionFields), [needsDsn]),
};

/** For the service, which needs none. */
export const anyWebsites: Part<{ readonly websites: Websites }> = {
  keys: keysOf(targetFields),
  schema: () => anyWebsitesSchema,
};

export const websites: Part<{ readonly websites: Websites }> = {
  keys: keysOf(targetFields),
  schema: () => websitesSchema,
};

type OutputOf<Fields extends z.core.$ZodLooseShape, Name extends keyof Fields> = {
  readonly [K in Name]: z.output<Fields[K]>;
};

const partOf =
  <Fields extends Readonly<Record<string, z.ZodType>>>(fields: Fields) =>
  <Name extends Key & keyof Fields>(...keys: readonly Name[]): Part<OutputOf<Fields, Name>> => {
    const schema = z.object(Object.fromEntries(keys.map(key => [key, fields[key]])) as Pick<Fields, Name>);
    return { keys, schema: () => schema as unknown as z.ZodType<OutputOf<Fields, Name>> };
  };

/** Single settings of the service, for commands that need no more. */
export const ofService = partOf(serviceFields);

export const options = partOf({ ...commandFields, ...alertFields });

/** The words of a command that names targets. */
export const namedTargets = {
  keys: keysOf({ withLabels }),
  schema: () => z.object({ targets: z.array(targetName), withLabels }),
};

/** The word of a command that names one target. */
export const namedTarget = { keys: [], schema: () => z.object({ targets: z.array(targetName) }) };

/** The word of a command that adds a silence, and all that is said about it. */
export const silence = {
  keys: keysOf({ withLabels, ...silenceFields }),
  schema: () => silenceSchema,
};

/** The words of a command that names silences. */
export const namedSilences = { keys: [], schema: () => z.object({ names: z.array(printable(200)) }) };

/** The words of a command that names channels. */
export const namedChannels = namedSilences;

/** The name and URL of a channel, and what is said about it. */
export const channel = { keys: keysOf(channelFlags), schema: () => channelSchema };

/** The words of a command that names alerts. */
export const alertIds = { keys: [], schema: () => z.object({ alerts: z.array(alertId) }) };

const { timeZone } = silenceFields;

/** The zone in which a command shows times. */
export const shownZone = { keys: keysOf({ timeZone }), schema: () => z.object({ timeZone }) };

/** SQL to run, or the file that holds it. */
export type SqlSource = { readonly text: string } | { readonly file: string };

/** SQL as a word, else in a file, else on standard input. */
export const sqlSource: Part<{ readonly source: SqlSource }> = {
  keys: keysOf({ sqlFile }),
  schema: () =>
    together(z.object({ statements: z.array(z.string()), sqlFile }), [
      {
        keys: ['sqlFile', 'statements'],
        says: 'cannot be combined with SQL on the command line',
        holds: ({ sqlFile, statements }) => sqlFile === null || statements.length === 0,
      },
    ]).transform(({ statements: [text], sqlFile }) => ({
      source: text === undefined ? { file: sqlFile ?? '-' } : { text },
    })),
};

/** The word of a command that takes a file; null where none is named. */
export const file = {
  keys: [],
  schema: () =>
    z
      .object({ files: z.array(printable(4_096)) })
      .transform(({ files: [first = null] }) => ({ file: first })),
};
