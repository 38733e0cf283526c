import type { OptionKey } from '../targets/options.ts';
import { type Key, type Settings, TARGET_OPTIONS, values } from './settings.ts';

/** What settings must be like together. A combination is judged where each of its settings is sound. */
const combinations: readonly {
  readonly keys: readonly [Key, ...(keyof Settings)[]];
  readonly says: string;
  readonly holds: (settings: Settings) => boolean;
}[] = [
  {
    keys: ['queueSize', 'workerNumber', 'batchSize'],
    says: 'must be at least --worker-number and --batch-size, since it bounds all checks leased or unrecorded',
    holds: ({ queueSize, workerNumber, batchSize }) => queueSize >= Math.max(workerNumber, batchSize),
  },
  {
    keys: ['loggingConfigFile', 'loggingType'],
    says: 'must name a file where the logging type is custom',
    holds: ({ loggingConfigFile, loggingType }) => loggingType !== 'custom' || loggingConfigFile !== null,
  },
  {
    keys: ['listenDsn', 'dsn'],
    says: 'needs --dsn beside it: the bundled server has no pooler to go around',
    holds: ({ listenDsn, dsn }) => listenDsn === null || dsn !== null,
  },
  ...([...TARGET_OPTIONS.keys()] as OptionKey[]).map(key => ({
    keys: [key, 'urls'] as const,
    says: 'needs a URL on the command line: it says nothing about targets in the database',
    holds: (settings: Settings) => (settings[key] ?? null) === null || settings.urls.length > 0,
  })),
  {
    keys: ['mustNotMatch', 'match'],
    says: 'cannot stand beside --match: a target has one pattern',
    holds: ({ match, mustNotMatch }) => match === null || mustNotMatch === null,
  },
  {
    keys: ['bearerToken', 'basicAuth'],
    says: 'cannot stand beside --basic-auth',
    holds: ({ basicAuth, bearerToken }) => basicAuth === null || bearerToken === null,
  },
  {
    keys: ['requestBody', 'method'],
    says: 'needs a --method that carries one, as POST does',
    holds: ({ requestBody, method }) =>
      requestBody === null || (method !== null && method !== 'GET' && method !== 'HEAD'),
  },
];

/** The one schema of the settings: from texts to values, or to every problem. */
export const settingsSchema = values.superRefine(
  (settings, context) => {
    const broken = new Set(context.issues.map(({ path }) => path?.[0]));
    for (const { keys, says, holds } of combinations) {
      if (keys.some(key => broken.has(key)) || holds(settings)) continue;
      context.addIssue({ code: 'custom', path: [keys[0]], message: says });
    }
  },
  { when: () => true }, // otherwise zod keeps quiet about these until every single setting is sound
);
