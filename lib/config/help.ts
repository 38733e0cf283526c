import type { AboutCommand } from './commands/about-command.ts';
import { ABOUT_COMMANDS, ABOUT_GROUPS, type Command, commandsOf, flagsOf, type Group } from './commands.ts';
import type { About } from './setting.ts';
import { COMMAND_OPTIONS, FLAGS, type Key, SETTINGS, TARGET_OPTIONS } from './settings.ts';

const plain = (text: string): string => text.replaceAll('`', '');

const HELP_COLUMNS = 80;

/** Breaks a text into lines that fit a terminal; all but the first are indented by `indent` columns. */
function wrapped(text: string, indent = 0): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) as string;
    if (line !== '' && indent + line.length + 1 + word.length > HELP_COLUMNS) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}

/** Two columns: a name, and what it means; a name too long for its column has a line of its own. */
function entry(name: string, meaning: string, column: number): string {
  const head = name.length + 4 > column ? `  ${name}\n${' '.repeat(column)}` : `  ${name}`.padEnd(column);
  return head + wrapped(meaning, column);
}

const FLAG_COLUMN = 30;
const COMMAND_COLUMN = 30;

const helpLine = ({ flag, short, default: whenUnset, meaning }: About): string =>
  entry(
    short === undefined ? flag : `${flag}, ${short}`,
    `${plain(meaning)}${whenUnset === '–' ? '' : ` (${plain(whenUnset)})`}`,
    FLAG_COLUMN,
  );

const helpLines = (abouts: Iterable<About>): string => [...abouts].map(helpLine).join('\n');

/** What `--help` prints without a command. */
export const helpText = (): string => `Usage: website-monitor [COMMAND] [flags] [URL …]

Checks websites on a fixed grid and records every check in PostgreSQL.

${commandLines([...ABOUT_COMMANDS.keys()])}

website-monitor COMMAND --help explains a command, with an example. In a clone
of the repository: npm start -- [flags] [URL …], npm run check-url -- URL …,
npm run -s cli -- COMMAND …

Flags of the service, with their defaults:

${helpLines(SETTINGS.values())}
${entry('--help, -h', 'this text', FLAG_COLUMN)}
${entry('--version', 'the version', FLAG_COLUMN)}

Flags for the URLs given:

${helpLines(TARGET_OPTIONS.values())}

Flags of other commands:

${helpLines(COMMAND_OPTIONS.values())}

${wrapped(ENVIRONMENT)}
`;

const ENVIRONMENT =
  'In the environment or in .env, --worker-number is WEBSITE_MONITOR_WORKER_NUMBER, and so on; --dsn is also DATABASE_URL. ' +
  'Flags for URLs cannot be set in the environment. A flag beats the environment, the environment beats .env, and an empty variable counts as unset.';

const commandLines = (commands: readonly Command[]): string =>
  commands.map(name => entry(usageOf(name), aboutOf(name).does, COMMAND_COLUMN)).join('\n');

const aboutOf = (name: Command): AboutCommand => ABOUT_COMMANDS.get(name) as AboutCommand;

/** A command's name and its arguments. */
export const usageOf = (name: Command): string =>
  `${name === 'run' ? '[run]' : name} ${aboutOf(name).usage}`.trimEnd();

const flagLines = (title: string, keys: readonly Key[]): string =>
  keys.length === 0 ? '' : `${title}:\n\n${helpLines(keys.map(key => FLAGS.get(key) as About))}`;

const isGroup = (of: Command | Group): of is Group => Object.hasOwn(ABOUT_GROUPS, of);

/** What `--help` prints after the name of a command, or of a group of them. */
export function commandHelp(of: Command | Group): string {
  if (isGroup(of)) {
    return `Usage: website-monitor ${of} COMMAND …\n\n${ABOUT_GROUPS[of]}\n\n${commandLines(commandsOf(of))}\n
website-monitor ${of} COMMAND --help explains a command, with an example.\n`;
  }
  const { does, more, examples } = aboutOf(of);
  const own = flagsOf(aboutOf(of)).filter(key => !SETTINGS.has(key));
  const shared = flagsOf(aboutOf(of)).filter(key => SETTINGS.has(key));
  const parts = [
    `Usage: website-monitor ${usageOf(of)} [flags]`,
    `${does}.`,
    wrapped(more),
    flagLines('Flags, with their defaults', own),
    flagLines('Flags shared with the service, with their defaults', shared),
    `Example${examples.length > 1 ? 's' : ''}:\n\n${examples.map(line => `  ${line}`).join('\n')}`,
  ];
  return `${parts.filter(part => part !== '').join('\n\n')}\n`;
}
