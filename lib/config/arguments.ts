import { parseArgs } from 'node:util';
import { readYesOrNo } from './rules.ts';
import { FLAGS } from './settings.ts';

/** The command line, taken apart but not yet judged. */
export interface Arguments {
  /** By flag, as in `--dsn`: each text that was given for it */
  readonly given: ReadonlyMap<string, readonly string[]>;
  /** What is not a flag, in its order */
  readonly words: readonly string[];
  readonly wants: 'help' | 'version' | 'run';
  readonly problems: readonly string[];
}

type Token = NonNullable<ReturnType<typeof tokensOf>>[number];
type OptionToken = Extract<Token, { kind: 'option' }>;

/** Only the cutting is left to `parseArgs`: in its strict mode it stops at the first problem, and quotes it. */
const tokensOf = (argv: readonly string[]) =>
  parseArgs({ args: [...argv], options: {}, strict: false, allowPositionals: true, tokens: true }).tokens;

const isSwitch = new Map([...FLAGS.values()].map(about => [about.flag, about.isSwitch]));

export function readArguments(argv: readonly string[]): Arguments {
  const given = new Map<string, string[]>();
  const words: string[] = [];
  const problems = new Set<string>();
  let wants: Arguments['wants'] = 'run';
  const tokens = tokensOf(argv);

  for (let token = tokens.shift(); token !== undefined; token = tokens.shift()) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    if (token.rawName === '--help' || token.rawName === '-h') wants = 'help';
    else if (token.rawName === '--version') wants = wants === 'help' ? 'help' : 'version';
    else {
      const read = readOption(token, tokens);
      if ('problem' in read) problems.add(read.problem);
      else given.set(read.flag, [...(given.get(read.flag) ?? []), read.value]);
    }
  }
  return { given, words, wants, problems: [...problems] };
}

type Read = { readonly flag: string; readonly value: string } | { readonly problem: string };

/** @param rest loses its first token where that is this option's value */
function readOption({ rawName, index, value }: OptionToken, rest: Token[]): Read {
  if (isSwitch.get(rawName) === true) {
    return {
      flag: rawName,
      value: value ?? takeWord(rest, word => readYesOrNo(word) !== undefined) ?? 'true',
    };
  }
  if (isSwitch.has(rawName)) {
    const text = value ?? takeWord(rest);
    if (text !== undefined && text !== '') return { flag: rawName, value: text };
    return { problem: `${rawName}: needs a value; one that begins with a dash is written ${rawName}=…` };
  }
  const positive = rawName.replace(/^--no-/, '--');
  if (positive !== rawName && isSwitch.get(positive) === true) {
    return value === undefined
      ? { flag: positive, value: 'false' }
      : { problem: `${rawName}: takes no value` };
  }
  takeWord(rest, word => !/^https?:/i.test(word)); // probably its value: no second problem about it
  return { problem: `${nameable(rawName) ?? `argument ${index + 1}`}: no such flag; see --help` };
}

/** Takes the next token if it is a word (that `fits`). */
function takeWord(rest: Token[], fits: (word: string) => boolean = () => true): string | undefined {
  const [next] = rest;
  if (next?.kind !== 'positional' || !fits(next.value)) return undefined;
  rest.shift();
  return next.value;
}

/** A mistyped flag is named only if it looks like one: a misplaced dash can make a flag of a secret. */
const nameable = (rawName: string): string | undefined =>
  /^--[a-z-]{1,40}$/.test(rawName) ? rawName : undefined;
