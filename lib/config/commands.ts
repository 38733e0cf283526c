import { nearest } from '../domain/nearest.ts';
import { CHECK_OPTIONS } from '../targets/options.ts';
import { isBareHost } from '../targets/target-rules.ts';
import { type AboutCommand, aName, none, STARTS_SERVER, words } from './commands/about-command.ts';
import { ALERTING_COMMANDS } from './commands/alerting-commands.ts';
import {
  anyWebsites,
  connection,
  file,
  namedSilences,
  namedTarget,
  namedTargets,
  ofService,
  options,
  type Part,
  service,
  shownZone,
  silence,
  sqlSource,
  websites,
} from './parts.ts';
import type { Key } from './settings.ts';

/** The settings of the service that make a difference to a single check. */
const checking = ofService(
  'maxTimeoutMs',
  'raiseForStatus',
  'confirm',
  'privateTargets',
  'bodyBytesMax',
  'keepAlive',
  'regexTimeoutMs',
  'secretsFolder',
);

/** Checked once, so that there is no interval. */
const websitesOnce = { ...websites, keys: CHECK_OPTIONS };

const named = { ...words('targets', 'an id, a key or a URL, or --label', 1), or: 'withLabels' as const };

const silenceNames = words('names', 'an id or a name', 1);

const SCOPE =
  'Covers targets that have all of the labels given, and those with the keys given. Times are in --time-zone.';
const ENDS = 'Ends recurring ones for good. Exits with 1 if one is not found.';

const KNOWN_TARGETS =
  'A URL selects its targets of every method; --label keeps those with all labels given. Exits with 1 if a target is not found.';

/** In reading order; the first is the default. */
export const COMMANDS = {
  run: {
    usage: '[URL …]',
    does: 'Checks the targets in the database, and any URLs given, until Ctrl-C',
    more: 'Exits with 0 once everything is recorded, with 1 after trouble that the log explains.',
    words: words('urls', 'a URL'),
    takes: [service, anyWebsites],
    examples: ['website-monitor', 'website-monitor https://example.org --every 30s --match "Example Domain"'],
  },
  migrate: {
    usage: '',
    does: 'Brings the database schema up to date',
    more: '',
    words: none,
    takes: [service],
    examples: ['website-monitor migrate --dsn postgres://user@localhost/monitoring'],
  },
  check: {
    usage: 'URL …',
    does: 'Checks URLs once and shows the result; records nothing',
    more: 'Exits with 0 if all are up, 1 if any is down, otherwise 3 if any is unknown.',
    words: words('urls', 'a URL', 1),
    takes: [checking, websitesOnce, options('json')],
    examples: ['website-monitor check https://example.org --timeout 5'],
  },
  'targets add': {
    usage: 'URL …',
    does: 'Adds targets, or updates existing ones: matched by key, else URL and method',
    more: `Fields without a flag keep their current value, or get the default on a new target. A paused target is resumed. With --key, an existing target that has the same URL and method but no key is given that key. ${STARTS_SERVER}`,
    words: words('urls', 'a URL', 1),
    takes: [connection, ofService('privateTargets', 'migrate'), websites],
    examples: ['website-monitor targets add https://example.org --every 30s --max-latency 2'],
  },
  'targets list': {
    usage: '',
    does: 'Lists targets, without secrets',
    more: '',
    words: none,
    takes: [connection, options('urlPart', 'withLabels', 'json')],
    examples: ['website-monitor targets list --url example'],
  },
  'targets show': {
    usage: 'ID|KEY|URL',
    does: 'Shows all about one target: state, settings, incidents, last checks',
    more: 'Exits with 1 if the target is not found.',
    words: words('targets', 'one id, key or URL', 1, 1),
    takes: [connection, options('json'), namedTarget],
    examples: ['website-monitor targets show 1'],
  },
  'targets remove': {
    usage: 'ID|KEY|URL …',
    does: 'Removes targets, and keeps their recorded checks',
    more: KNOWN_TARGETS,
    words: named,
    takes: [connection, namedTargets],
    examples: ['website-monitor targets remove https://example.org'],
  },
  'targets enable': {
    usage: 'ID|KEY|URL …',
    does: 'Resumes targets, and checks them at once',
    more: KNOWN_TARGETS,
    words: named,
    takes: [connection, namedTargets],
    examples: ['website-monitor targets enable 1 2 3'],
  },
  'targets disable': {
    usage: 'ID|KEY|URL …',
    does: 'Pauses targets',
    more: KNOWN_TARGETS,
    words: named,
    takes: [connection, namedTargets],
    examples: [
      'website-monitor targets disable https://example.org',
      'website-monitor targets disable --label team=web',
    ],
  },
  'targets import': {
    usage: 'FILE',
    does: 'Adds and updates targets from CSV or JSON; - reads standard input',
    more: `Targets are matched by key, else by URL and method, so importing a file twice changes nothing. An empty cell sets the default; what the file has no column for stays as it is. Invalid targets are reported by line and skipped, and the exit code is then 1. ${STARTS_SERVER}`,
    words: words('files', 'one FILE, or - for standard input', 1, 1),
    takes: [connection, ofService('migrate'), options('format', 'dryRun'), file],
    examples: ['website-monitor targets import targets.csv --dry-run'],
  },
  'targets export': {
    usage: '[FILE]',
    does: 'Writes targets as CSV or JSON, to FILE or standard output',
    more: `Headers, bodies and credentials are written as \${kept}, unless they are references: importing the file into the same database leaves them unchanged. To move them to another database, use --with-secrets. URLs are written in full, with their query.`,
    words: words('files', 'at most one FILE', 0, 1),
    takes: [connection, options('urlPart', 'withLabels', 'format', 'withSecrets'), file],
    examples: [
      'website-monitor targets export targets.csv',
      'website-monitor targets export --format json | head',
    ],
  },
  ...ALERTING_COMMANDS,
  'silences add': {
    usage: 'NAME',
    does: 'Holds back alerts of targets, for a time or until it is ended',
    more: `${SCOPE} Checks go on.`,
    words: aName,
    takes: [connection, silence, options('json')],
    examples: [
      'website-monitor silences add deploy --label team=web --for 2h',
      'website-monitor silences add "known trouble" --key shop --key blog',
    ],
  },
  'silences list': {
    usage: '',
    does: 'Lists silences: those that are on now, and what comes next',
    more: 'Without --time-zone, recurring ones are shown in their own time zone.',
    words: none,
    takes: [connection, shownZone, options('json')],
    examples: ['website-monitor silences list'],
  },
  'silences end': {
    usage: 'ID|NAME …',
    does: 'Ends silences',
    more: ENDS,
    words: silenceNames,
    takes: [connection, namedSilences],
    examples: ['website-monitor silences end deploy'],
  },
  'maintenance add': {
    usage: 'NAME',
    does: 'Announces maintenance: a silence that status pages show',
    more: `${SCOPE} Hours of --for are exact, days end at the same time of day. A day that a month does not have is left out.`,
    words: aName,
    takes: [connection, silence, options('json')],
    examples: [
      'website-monitor maintenance add fix --key a --weekly tue --at 02:00 --for 1h',
      'website-monitor maintenance add move --everything --from "2026-01-31 22:00"',
    ],
  },
  'maintenance list': {
    usage: '',
    does: 'Lists maintenance: what is on now, and what comes next',
    more: 'Without --time-zone, recurring ones are shown in their own time zone.',
    words: none,
    takes: [connection, shownZone, options('json')],
    examples: ['website-monitor maintenance list --time-zone Europe/Berlin'],
  },
  'maintenance end': {
    usage: 'ID|NAME …',
    does: 'Ends maintenance',
    more: ENDS,
    words: silenceNames,
    takes: [connection, namedSilences],
    examples: ['website-monitor maintenance end update'],
  },
  status: {
    usage: '',
    does: 'Shows what is up, down and unknown, the coverage, and the slowest targets',
    more: 'A target that no worker checks is unknown, never up. Exits with 0 whatever the state, and with 1 after an error.',
    words: none,
    takes: [connection, options('withLabels', 'lastMs', 'rowsMax', 'json')],
    examples: ['website-monitor status --last 1h'],
  },
  workers: {
    usage: '',
    does: 'Shows the workers: how late and how busy they are, and what they find',
    more: 'A worker that was not seen for a minute is gone, or cannot reach the database; it is listed for a day.',
    words: none,
    takes: [connection, options('json')],
    examples: ['website-monitor workers'],
  },
  tail: {
    usage: '',
    does: 'Shows checks as they are recorded, until Ctrl-C',
    more: 'Starts with the last ten, whenever they were. Costs the database one small query per second.',
    words: none,
    takes: [connection, options('urlPart', 'withLabels', 'outcomes', 'causes', 'json')],
    examples: ['website-monitor tail --outcome down,unknown --url example'],
  },
  sql: {
    usage: '[SQL]',
    does: 'Runs SQL on the database and prints the rows',
    more: 'Takes several statements, separated by semicolons, as one transaction. Tables of website-monitor need no schema name. Without SQL and --file, reads standard input. Exits with 1 if a statement fails.',
    words: words('statements', 'one text of SQL, in quotes', 0, 1),
    takes: [connection, sqlSource],
    examples: [
      'website-monitor sql "TABLE uptime_24h"',
      'website-monitor sql -f insert_monitored_targets.sql',
    ],
  },
  doctor: {
    usage: '',
    does: 'Checks the setup and suggests fixes',
    more: 'Pass the same flags as for the service. Exits with 1 if something keeps the service from working.',
    words: none,
    takes: [service, options('testChannels', 'json')],
    examples: ['website-monitor doctor --dsn postgres://user@localhost/monitoring'],
  },
} as const satisfies Readonly<Record<string, AboutCommand>>;

export type Command = keyof typeof COMMANDS;

type Merged<Parts> = Parts extends readonly [Part<infer Config>, ...infer More]
  ? Config & Merged<More>
  : unknown;

/** The config of a command: exactly what it takes. */
export type ConfigOf<C extends Command> = Merged<(typeof COMMANDS)[C]['takes']>;

export const flagsOf = ({ takes }: AboutCommand): readonly Key[] => takes.flatMap(({ keys }) => keys);

export const ABOUT_COMMANDS: ReadonlyMap<Command, AboutCommand> = new Map(
  Object.entries(COMMANDS) as [Command, AboutCommand][],
);

/** The first word of several commands, and what these do; not a command by itself. */
export const ABOUT_GROUPS = {
  targets: 'Manages what is checked.',
  channels: 'Manages where alerts go.',
  alerts: 'Shows alerts, and acknowledges them.',
  silences: 'Manages the times in which alerts are held back.',
  maintenance: 'Manages the silences that are announced on status pages.',
} as const;
export type Group = keyof typeof ABOUT_GROUPS;
const GROUPS = Object.keys(ABOUT_GROUPS) as Group[];

export const commandsOf = (group: Group): readonly Command[] =>
  [...ABOUT_COMMANDS.keys()].filter(name => name.startsWith(`${group} `));

export type Asked =
  | { readonly kind: 'command'; readonly command: Command; readonly words: readonly string[] }
  /** `given`: the words, which name no command of the group */
  | { readonly kind: 'group'; readonly group: Group; readonly given: readonly string[] }
  | { readonly kind: 'nothing-known'; readonly given: readonly string[] };

/** Finds the command that the words begin with. Without one they are URLs to run with. */
export function askedFor(given: readonly string[]): Asked {
  const [first] = given;
  for (const count of [2, 1]) {
    const name = given.slice(0, count).join(' ');
    if (Object.hasOwn(COMMANDS, name))
      return { kind: 'command', command: name as Command, words: given.slice(count) };
  }
  const group = GROUPS.find(name => name === first);
  if (group) return { kind: 'group', group, given };
  if (first !== undefined && /^[a-z-]+$/i.test(first) && !isBareHost(first))
    return { kind: 'nothing-known', given };
  return { kind: 'command', command: 'run', words: given };
}

/** The command that mistyped words were probably meant to be: `stauts`, `target list` and `list` have one. */
export function meantCommand([first = '', second]: readonly string[]): string | undefined {
  const names = [...ABOUT_COMMANDS.keys(), ...GROUPS];
  const meant = second === undefined ? undefined : nearest(`${first} ${second}`, names);
  if (meant !== undefined || names.includes(first as Group)) return meant;
  return nearest(first, names) ?? names.find(name => name.endsWith(` ${first}`));
}
