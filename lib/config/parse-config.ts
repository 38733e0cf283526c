import { suggestion } from '../domain/nearest.ts';
import { readArguments } from './arguments.ts';
import type { AboutCommand } from './commands/about-command.ts';
import {
  ABOUT_COMMANDS,
  type Asked,
  askedFor,
  type Command,
  type ConfigOf,
  commandsOf,
  flagsOf,
  type Group,
  meantCommand,
} from './commands.ts';
import { FLAGS, type Key } from './settings.ts';
import { type Environment, type Source, sourcesOf } from './sources.ts';

/** What a command is to do, with its config frozen. */
export type ParsedCommand<C extends Command = Command> = {
  readonly [K in C]: { readonly kind: K; readonly config: ConfigOf<K> };
}[C];

export type Parsed =
  | ParsedCommand
  | { readonly kind: 'version' }
  /** Of a command, or of a group of them, where one is named */
  | { readonly kind: 'help'; readonly of?: Command | Group }
  /** One readable line each: which setting, and the rule that it breaks; never its value */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** What defaults depend on, handed in so that parsing is pure. */
export interface Surroundings {
  readonly isTerminal: boolean;
  readonly randomUuid: string;
}

/**
 * Reads the command line (without node and the script) and the environment into one Config, or into
 * every problem at once.
 *
 * A flag beats the environment. Variables with our prefix that we do not know are left alone: Kubernetes
 * makes some for a service of our name.
 */
export function parseConfig(
  argv: readonly string[],
  environment: Environment,
  { isTerminal, randomUuid }: Surroundings,
): Parsed {
  const { given, words, wants, problems: misused } = readArguments(argv, KNOWN_FLAGS);
  const asked = askedFor(words.map(({ text }) => text));
  if (wants === 'version') return { kind: 'version' };
  if (wants === 'help') return helpOn(words.length === 0 ? null : asked);
  if (asked.kind !== 'command') return { kind: 'invalid', problems: [...misused, noCommand(asked)] };

  const { command } = asked;
  const about = ABOUT_COMMANDS.get(command) as AboutCommand;
  const [taken, misplaced] = partFlags(command, flagsOf(about), given);
  const sources = sourcesOf(taken, environment);
  const texts = new Map<string, unknown>([...sources].map(([key, { text }]) => [key, text]));
  texts.set(about.words.become, asked.words);
  const parsed = about.takes.map(({ schema }) =>
    schema({ isReadAlong: isTerminal || asked.words.length > 0, randomUuid }).safeParse(
      Object.fromEntries(texts),
    ),
  );

  const problems = [
    ...misused,
    ...miscounted(command, about, asked.words.length, given),
    ...misplaced,
    ...parsed
      .flatMap(({ error }) => error?.issues ?? [])
      .map(({ path, message }) => `${nameOf(path, sources)}: ${message}`),
  ];
  if (problems.length > 0) return { kind: 'invalid', problems };
  const config = Object.assign({}, ...parsed.map(({ data }) => data));
  // It has the command's type, for it is made of its parts; a union of more than 25 types is not compared by kind.
  return { kind: command, config: deepFreeze(config) } as ParsedCommand;
}

const KNOWN_FLAGS = new Map(
  [...FLAGS.values()].flatMap(about =>
    [about.flag, about.short].flatMap(name => (name === undefined ? [] : [[name, about] as const])),
  ),
);

const helpOn = (asked: ReturnType<typeof askedFor> | null): Parsed => {
  if (asked?.kind === 'command') return { kind: 'help', of: asked.command };
  return asked?.kind === 'group' ? { kind: 'help', of: asked.group } : { kind: 'help' };
};

/** A word is named only if it looks like a command: a misplaced argument may be a secret. */
const isNameable = (word: string): boolean => /^[a-z-]{1,20}$/i.test(word);

function noCommand(asked: Exclude<Asked, { kind: 'command' }>): string {
  const { given } = asked;
  if (asked.kind === 'group' && given.length === 1) {
    const names = commandsOf(asked.group).map(name => name.slice(asked.group.length + 1));
    return `${asked.group}: needs one of ${names.join(', ')} behind it; see ${asked.group} --help`;
  }
  const named = given.slice(0, asked.kind === 'group' ? 2 : 1);
  const place = named.length;
  return named.every(isNameable)
    ? `${named.join(' ')}: no such command${suggestion(meantCommand(given), 'see --help')}`
    : `argument ${place}: neither a command nor a URL; see --help`;
}

function miscounted(
  command: Command,
  { words }: AboutCommand,
  count: number,
  given: ReadonlyMap<string, unknown>,
): string[] {
  const hasOther = words.or !== undefined && given.has(FLAGS.get(words.or)?.flag ?? '');
  if (count < words.min && !hasOther) return [`${command}: needs ${words.called}`];
  if (count > words.max)
    return [`${command}: takes ${words.max === 0 ? 'no' : ''} ${words.called}`.replace('  ', ' ')];
  return [];
}

/** The flags that a command takes, and what there is to say of the others. */
function partFlags(
  command: Command,
  flags: readonly Key[],
  given: ReadonlyMap<string, readonly string[]>,
): [ReadonlyMap<string, readonly string[]>, string[]] {
  const taken = new Set(flags.map(key => FLAGS.get(key)?.flag));
  const misplaced = [...given.keys()].filter(flag => !taken.has(flag));
  return [
    new Map([...given].filter(([flag]) => taken.has(flag))),
    misplaced.map(flag => `${flag}: ${command} does not take it; see ${command} --help`),
  ];
}

const WORD_NAMES = new Map<unknown, string>([
  ['urls', 'URL'],
  ['targets', 'target'],
  ['files', 'file'],
  ['statements', 'SQL'],
  ['names', 'name'],
  ['alerts', 'alert'],
]);

const NAME_AND_URL = ['NAME', 'URL'];

const nameOf = ([key, index]: readonly PropertyKey[], sources: ReadonlyMap<unknown, Source>): string =>
  sources.get(key)?.name ??
  (key === 'nameAndUrl' ? `${NAME_AND_URL[Number(index)]}` : `${WORD_NAMES.get(key)} ${Number(index) + 1}`);

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part);
  return Object.freeze(value);
}
