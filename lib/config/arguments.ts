import { parseArgs } from 'node:util';
import { nearest, suggestion } from '../domain/nearest.ts';
import { isBareHost } from '../targets/target-rules.ts';
import { readYesOrNo } from '../targets/text-rules.ts';

/** A command line, taken apart but not yet judged. */
export interface Arguments {
  /** By flag, as in `--dsn`: each text that was given for it */
  readonly given: ReadonlyMap<string, readonly string[]>;
  /** What is not a flag, in its order; `place` is 1 for the first argument */
  readonly words: readonly { readonly text: string; readonly place: number }[];
  readonly wants: 'help' | 'version' | 'run';
  readonly problems: readonly string[];
}

type Token = NonNullable<ReturnType<typeof tokensOf>>[number];
type OptionToken = Extract<Token, { kind: 'option' }>;

/** `parseArgs` only cuts: its strict mode stops at the first problem, and quotes it. */
const tokensOf = (argv: readonly string[]) =>
  parseArgs({ args: [...argv], options: {}, strict: false, allowPositionals: true, tokens: true }).tokens;

/** What the flags are, each by its name or short name. */
export type KnownFlags = ReadonlyMap<string, KnownFlag>;

interface KnownFlag {
  /** It needs no value, and `--no-migrate` means that `--migrate` is false */
  readonly isSwitch: boolean;
  /** Its name, where it is found by a short one, as `-f` */
  readonly flag?: string;
}

/** Reads any command line of ours: the product's, and those of scripts and benchmarks. */
export function readArguments(argv: readonly string[], flags: KnownFlags): Arguments {
  const given = new Map<string, string[]>();
  const words: Arguments['words'][number][] = [];
  const problems = new Set<string>();
  let wants: Arguments['wants'] = 'run';
  const tokens = tokensOf(argv);

  for (let token = tokens.shift(); token !== undefined; token = tokens.shift()) {
    if (token.kind === 'positional') words.push({ text: token.value, place: token.index + 1 });
    if (token.kind !== 'option') continue;
    if (token.rawName === '--help' || token.rawName === '-h') wants = 'help';
    else if (token.rawName === '--version') wants = wants === 'help' ? 'help' : 'version';
    else {
      const read = readOption(token, tokens, flags);
      if ('problem' in read) problems.add(read.problem);
      else given.set(read.flag, [...(given.get(read.flag) ?? []), read.value]);
    }
  }
  return { given, words, wants, problems: [...problems] };
}

type Read = { readonly flag: string; readonly value: string } | { readonly problem: string };

/** @param rest loses its first token if that is this option's value */
function readOption({ rawName, index, value }: OptionToken, rest: Token[], flags: KnownFlags): Read {
  const known = flags.get(rawName);
  const flag = known?.flag ?? rawName;
  if (known?.isSwitch) {
    return {
      flag,
      value: value ?? takeWord(rest, word => readYesOrNo(word) !== undefined) ?? 'true',
    };
  }
  if (known) {
    const text = value ?? takeWord(rest);
    if (text !== undefined && text !== '') return { flag, value: text };
    return { problem: `${rawName}: needs a value (write one that begins with a dash as ${rawName}=…)` };
  }
  const positive = rawName.replace(/^--no-/, '--');
  if (positive !== rawName && flags.get(positive)?.isSwitch) {
    return value === undefined
      ? { flag: positive, value: 'false' }
      : { problem: `${rawName}: takes no value` };
  }
  if (value === undefined) takeWord(rest, word => !isUrl(word)); // probably its value, which needs no problem of its own
  if (!isNameable(rawName)) return { problem: `argument ${index + 1}: no such flag; see --help` };
  const meant = nearest(rawName.replaceAll('_', '-'), flags.keys());
  return { problem: `${rawName}: no such flag${suggestion(meant, 'see --help')}` };
}

/** Takes the next token if it is a word (that `fits`). */
function takeWord(rest: Token[], fits: (word: string) => boolean = () => true): string | undefined {
  const [next] = rest;
  if (next?.kind !== 'positional' || !fits(next.value)) return undefined;
  rest.shift();
  return next.value;
}

/** A mistyped flag is named only if it looks like one: a misplaced dash can make a flag of a secret. */
const isNameable = (rawName: string): boolean => /^--[a-z_-]{1,40}$/i.test(rawName);

const isUrl = (word: string): boolean => /^https?:/i.test(word) || isBareHost(word);
