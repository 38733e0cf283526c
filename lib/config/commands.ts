import { CHECK_OPTIONS } from '../targets/options.ts';
import { connection, file, namedTargets, ofService, options, type Part, service, websites } from './parts.ts';
import type { Key } from './settings.ts';

/** One command: parsing, its help and the table in docs/COMMANDS.md are made from this. */
export interface AboutCommand {
  /** What stands behind its name */
  readonly usage: string;
  /** In one line */
  readonly does: string;
  /** What else somebody must know who has only its help, in lines of at most 100 characters */
  readonly more: string;
  /** What its words become, how many it takes, and what one of them is called */
  readonly words: {
    readonly become: 'urls' | 'targets' | 'files';
    readonly min: number;
    readonly max: number;
    readonly called: string;
  };
  /** Its flags, in the order in which people read them, and its words: together its config */
  readonly takes: readonly Part<unknown>[];
  readonly examples: readonly string[];
}

/** Checked once, so that there is no interval. */
const websitesOnce = { ...websites, keys: CHECK_OPTIONS };

const words = (become: AboutCommand['words']['become'], called: string, min = 0, max = Infinity) => ({
  become,
  min,
  max,
  called,
});
const none = words('urls', 'URLs', 0, 0);
const named = words('targets', 'an id or a URL', 1);

const KNOWN_TARGETS = 'A URL means its targets of every method. Ends with 1 where a name is no target’s.';

/** In the order in which people read them; the first is what is meant where none is named. */
export const COMMANDS = {
  run: {
    usage: '[URL …]',
    does: 'checks what the database names, and the URLs given, until Ctrl-C',
    more: 'Ends with 0 once everything is recorded, with 1 in trouble that the log tells of.',
    words: words('urls', 'a URL'),
    takes: [service, websites],
    examples: ['website-monitor', 'website-monitor https://example.org --every 30s --match "Example Domain"'],
  },
  migrate: {
    usage: '',
    does: 'brings the database’s schema up to date, and ends',
    more: '',
    words: none,
    takes: [service],
    examples: ['website-monitor migrate --dsn postgres://user@localhost/monitoring'],
  },
  check: {
    usage: 'URL …',
    does: 'checks once, stores nothing, and tells what was seen',
    more: 'Ends with 0 where all are up, 1 where one is down, 3 where it is not known.',
    words: words('urls', 'a URL', 1),
    takes: [service, websitesOnce, options('json')],
    examples: ['website-monitor check https://example.org --timeout 5'],
  },
  'targets add': {
    usage: 'URL …',
    does: 'adds targets, or changes those with the same URL and method',
    more: `What is not said stays as it is, or gets its default; a target that was disabled is enabled.
Where no server runs and no --dsn is given, the bundled server is started for the time being.`,
    words: words('urls', 'a URL', 1),
    takes: [connection, ofService('privateTargets', 'migrate'), websites],
    examples: ['website-monitor targets add https://example.org --every 30s --max-latency 2'],
  },
  'targets list': {
    usage: '',
    does: 'lists the targets, without what may be secret',
    more: '',
    words: none,
    takes: [connection, options('urlPart', 'json')],
    examples: ['website-monitor targets list --url example'],
  },
  'targets remove': {
    usage: 'ID|URL …',
    does: 'removes targets; what was recorded of them stays',
    more: KNOWN_TARGETS,
    words: named,
    takes: [connection, namedTargets],
    examples: ['website-monitor targets remove https://example.org'],
  },
  'targets enable': {
    usage: 'ID|URL …',
    does: 'has targets checked again, at once',
    more: KNOWN_TARGETS,
    words: named,
    takes: [connection, namedTargets],
    examples: ['website-monitor targets enable 1 2 3'],
  },
  'targets disable': {
    usage: 'ID|URL …',
    does: 'has targets not checked until they are enabled',
    more: KNOWN_TARGETS,
    words: named,
    takes: [connection, namedTargets],
    examples: ['website-monitor targets disable https://example.org'],
  },
  'targets import': {
    usage: 'FILE',
    does: 'adds and changes targets by a file of CSV or JSON; - is the standard input',
    more: `A target is known by its URL and method: importing the same file again changes nothing. A column
that the file has is set as it says, and an empty cell means the default; what the file has no column
for stays as it is. A target that is refused is told by its line, and the others go in; then it ends
with 1. Where no server runs and no --dsn is given, the bundled server is started for the time being.`,
    words: words('files', 'one FILE, or - for the standard input', 1, 1),
    takes: [connection, ofService('migrate'), options('format', 'dryRun'), file],
    examples: ['website-monitor targets import targets.csv --dry-run'],
  },
  'targets export': {
    usage: '[FILE]',
    does: 'writes all targets as CSV or JSON that import takes; to the standard output without a FILE',
    more: `Headers, bodies and credentials are written as \${kept}, which leaves them as they are when the file is
imported where it came from, unless they are references to secrets. To take them elsewhere, say
--with-secrets. URLs are written whole, query and all: they are what a target is known by.`,
    words: words('files', 'at most one FILE', 0, 1),
    takes: [connection, options('urlPart', 'format', 'withSecrets'), file],
    examples: [
      'website-monitor targets export targets.csv',
      'website-monitor targets export --format json | head',
    ],
  },
  status: {
    usage: '',
    does: 'tells what is up, down and unknown, how much was covered, and what is slowest',
    more: 'What nobody looks at is unknown, never up. Ends with 0 whatever it tells.',
    words: none,
    takes: [connection, options('lastMs', 'rowsMax', 'json')],
    examples: ['website-monitor status --last 1h'],
  },
  tail: {
    usage: '',
    does: 'shows checks as they are recorded, until Ctrl-C',
    more: 'Begins with the last ten. Costs the database one small query a second, and the workers nothing.',
    words: none,
    takes: [connection, options('urlPart', 'outcomes', 'causes', 'json')],
    examples: ['website-monitor tail --outcome down,unknown --url example'],
  },
  doctor: {
    usage: '',
    does: 'looks whether all is well for the service, and says what to do where it is not',
    more: 'Takes the flags that the service is started with. Ends with 1 where something keeps it from working.',
    words: none,
    takes: [service, options('json')],
    examples: ['website-monitor doctor --dsn postgres://user@localhost/monitoring'],
  },
} as const satisfies Readonly<Record<string, AboutCommand>>;

export type Command = keyof typeof COMMANDS;

type Merged<Parts> = Parts extends readonly [Part<infer Config>, ...infer More]
  ? Config & Merged<More>
  : unknown;

/** What a command is told, and nothing else. */
export type ConfigOf<C extends Command> = Merged<(typeof COMMANDS)[C]['takes']>;

export const flagsOf = ({ takes }: AboutCommand): readonly Key[] => takes.flatMap(({ keys }) => keys);

export const ABOUT_COMMANDS: ReadonlyMap<Command, AboutCommand> = new Map(
  Object.entries(COMMANDS) as [Command, AboutCommand][],
);

/** What stands before the words of several commands, and does nothing by itself. */
export const GROUPS = ['targets'] as const;
export type Group = (typeof GROUPS)[number];

export const commandsOf = (group: Group): readonly Command[] =>
  [...ABOUT_COMMANDS.keys()].filter(name => name.startsWith(`${group} `));

export type Asked =
  | { readonly kind: 'command'; readonly command: Command; readonly words: readonly string[] }
  | { readonly kind: 'group'; readonly group: Group }
  | { readonly kind: 'nothing-known' };

/** Which command the words of a command line begin with. Without one they are URLs to run with. */
export function askedFor(given: readonly string[]): Asked {
  const [first] = given;
  for (const count of [2, 1]) {
    const name = given.slice(0, count).join(' ');
    if (Object.hasOwn(COMMANDS, name))
      return { kind: 'command', command: name as Command, words: given.slice(count) };
  }
  const group = GROUPS.find(name => name === first);
  if (group) return { kind: 'group', group };
  // What has neither a scheme nor a dot was not meant as a URL.
  if (first !== undefined && /^[a-z]+$/i.test(first)) return { kind: 'nothing-known' };
  return { kind: 'command', command: 'run', words: given };
}
