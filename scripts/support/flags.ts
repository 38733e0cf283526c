import { z } from 'zod';
import { readArguments } from '../../lib/config/arguments.ts';
import type { Range } from './random.ts';

/** One `--name value` of a command: its meaning, its rule and its default. */
export interface Flag {
  readonly meaning: string;
  readonly rule: z.ZodType<unknown, string>;
  /** As written on a command line */
  readonly fallback: string;
}

type Flags = Readonly<Record<string, Flag>>;

export type Settings<Table extends Flags> = { readonly [Name in keyof Table]: z.output<Table[Name]['rule']> };

export type Parsed<Table extends Flags> =
  | { readonly kind: 'settings'; readonly settings: Settings<Table> }
  | { readonly kind: 'help' }
  /** Each names the flag and the rule, not the value */
  | { readonly kind: 'problems'; readonly problems: readonly string[] };

/** Parses a command line by a table of flags. If a flag is given twice, the last one counts. */
export const parseFlags = <Table extends Flags>(table: Table, argv: readonly string[]): Parsed<Table> => {
  const names = Object.keys(table);
  const flags = new Map(names.map(name => [`--${name}`, { isSwitch: false }]));
  const { given, words, wants, problems: misused } = readArguments(argv, flags);
  if (wants !== 'run') return { kind: 'help' };

  const problems = [...misused, ...words.map(({ place }) => `argument ${place}: belongs to no flag`)];
  const settings: Record<string, unknown> = {};
  for (const [name, { rule, fallback }] of Object.entries(table)) {
    const { data, error } = rule.safeParse(given.get(`--${name}`)?.at(-1) ?? fallback);
    if (error) problems.push(...error.issues.map(({ message }) => `--${name}: ${message}`));
    settings[name] = data;
  }
  if (problems.length > 0) return { kind: 'problems', problems };
  return { kind: 'settings', settings: settings as Settings<Table> };
};

/**
 * Returns the settings on this process's command line. Exits with 0 after printing help, and with 2 after naming
 * every problem.
 */
export const settingsOrExit = <Table extends Flags>(purpose: string, table: Table): Settings<Table> => {
  const parsed = parseFlags(table, process.argv.slice(2));
  if (parsed.kind === 'settings') return parsed.settings;
  if (parsed.kind === 'help') console.log(`${purpose}\n\n${helpOf(table)}`);
  else console.error(parsed.problems.join('\n'));
  process.exit(parsed.kind === 'help' ? 0 : 2);
};

const helpOf = (table: Flags): string =>
  Object.entries(table)
    .map(([name, { meaning, fallback }]) => `  --${name.padEnd(16)} ${meaning} (${fallback})`)
    .join('\n');

/** For example `5-500`. */
export const wholeRange = (min: number, max: number) => {
  const says = `must be two whole numbers from ${min} to ${max}, the smaller first, as in 5-500`;
  return z
    .string()
    .regex(/^\d{1,9}-\d{1,9}$/, says)
    .transform((text): Range => {
      const [first = 0, last = 0] = text.split('-').map(Number);
      return { min: first, max: last };
    })
    .refine(range => min <= range.min && range.min <= range.max && range.max <= max, says);
};
