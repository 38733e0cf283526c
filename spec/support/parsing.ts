import type { Command, ConfigOf } from '../../lib/config/commands.ts';
import { type Parsed, parseConfig } from '../../lib/config/parse-config.ts';
import { mergeEnvironment } from '../../lib/config/sources.ts';

export interface ParsingSurroundings {
  readonly isTerminal?: boolean;
  /** The text of `.env` */
  readonly dotEnv?: string;
}

type Environment = Readonly<Record<string, string>>;

/** Parses a command line and an environment as `lib/main.ts` does. */
export const parse = (
  argv: readonly string[],
  environment: Environment = {},
  { isTerminal = false, dotEnv = '' }: ParsingSurroundings = {},
): Parsed => parseConfig(argv, mergeEnvironment(dotEnv, environment), { isTerminal, randomUuid: '0f1e' });

/** What the service is told. @throws unless it is to run */
export const configOf = (...args: Parameters<typeof parse>): ConfigOf<'run'> => {
  const parsed = parse(...args);
  if (parsed.kind !== 'run') throw new Error(JSON.stringify(parsed));
  return parsed.config;
};

/** What a command is told. */
export const commandConfigOf = (...args: Parameters<typeof parse>): ConfigOf<Command> => {
  const parsed = parse(...args);
  if (!('config' in parsed)) throw new Error(JSON.stringify(parsed));
  return parsed.config;
};

export const problemsOf = (...args: Parameters<typeof parse>): readonly string[] => {
  const parsed = parse(...args);
  return parsed.kind === 'invalid' ? parsed.problems : [];
};
