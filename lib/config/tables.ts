import {
  ABOUT_COMMANDS,
  type AboutCommand,
  type Command,
  commandsOf,
  flagsOf,
  type Group,
} from './commands.ts';
import type { About } from './setting.ts';
import { COMMAND_OPTIONS, FLAGS, SETTINGS, TARGET_OPTIONS } from './settings.ts';

const code = (text: string): string => `\`${text}\``;

const row = (...cells: readonly string[]): string =>
  `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;

/** The settings as the README shows them, in Markdown. */
export function settingsTable(): string {
  const rows = [...SETTINGS.values()].map(({ flag, environment, default: whenUnset, meaning }) =>
    row(code(flag), environment.map(code).join(', else ') || '–', whenUnset, meaning),
  );
  return [row('flag', 'environment', 'default', 'meaning'), row('---', '---', '---', '---'), ...rows].join(
    '\n',
  );
}

const plain = (text: string): string => text.replaceAll('`', '');

const helpLine = ({ flag, default: whenUnset, meaning }: About): string =>
  `  ${flag.padEnd(22)} ${plain(meaning)}${whenUnset === '–' ? '' : ` (${plain(whenUnset)})`}`;

const helpLines = (abouts: ReadonlyMap<unknown, About>): string =>
  [...abouts.values()].map(helpLine).join('\n');

/** What `--help` prints where no command is named. */
export const helpText =
  (): string => `website-monitor: checks websites on a fixed grid and records every check in PostgreSQL

${commandLines([...ABOUT_COMMANDS.keys()])}

website-monitor COMMAND --help tells more of each, with an example. In a clone of the repository:
npm start -- [flags] [URL …], npm run check-url -- URL …, npm run -s cli -- COMMAND …

Flags of the service, with their defaults:

${helpLines(SETTINGS)}
  --help, -h             this text
  --version              the version

Of the URLs given:

${helpLines(TARGET_OPTIONS)}

Of other commands:

${helpLines(COMMAND_OPTIONS)}

${ENVIRONMENT}
`;

const ENVIRONMENT = `In the environment or in .env, --worker-number is WEBSITE_MONITOR_WORKER_NUMBER, and so on; --dsn is
also DATABASE_URL. What is said of URLs is said by flags only. A flag beats the environment, the environment
beats .env, and an empty variable counts as unset.`;

const commandLines = (commands: readonly Command[]): string =>
  commands.map(name => `  ${usageOf(name).padEnd(34)} ${aboutOf(name).does}`).join('\n');

const aboutOf = (name: Command): AboutCommand => ABOUT_COMMANDS.get(name) as AboutCommand;

const usageOf = (name: Command): string =>
  `${name === 'run' ? '[run]' : name} ${aboutOf(name).usage}`.trimEnd();

/** What `--help` prints behind the name of a command, or of a group of them. */
export function commandHelp(of: Command | Group): string {
  if (of === 'targets') {
    return `website-monitor targets: what is checked\n\n${commandLines(commandsOf(of))}\n
website-monitor targets COMMAND --help tells more of each, with an example.\n`;
  }
  const { does, more, examples } = aboutOf(of);
  const parts = [
    `website-monitor ${usageOf(of)} [flags]`,
    `${of}: ${does}.`,
    more,
    `Flags, with their defaults:\n\n${flagsOf(aboutOf(of))
      .map(key => helpLine(FLAGS.get(key) as About))
      .join('\n')}`,
    `Example${examples.length > 1 ? 's' : ''}:\n\n${examples.map(line => `  ${line}`).join('\n')}`,
  ];
  return `${parts.filter(part => part !== '').join('\n\n')}\n`;
}

/** The commands as docs/COMMANDS.md shows them, in Markdown. */
export function commandsTable(): string {
  const rows = [...ABOUT_COMMANDS.keys()].map(name => row(code(usageOf(name)), aboutOf(name).does));
  return [row('command', 'what it does'), row('---', '---'), ...rows].join('\n');
}

/** The flags of the commands beside the service, in Markdown. */
export function commandFlagsTable(): string {
  const rows = [...COMMAND_OPTIONS].map(([key, { flag, default: whenUnset, meaning }]) => {
    const takers = [...ABOUT_COMMANDS]
      .filter(([, command]) => flagsOf(command).includes(key))
      .map(([name]) => code(name));
    return row(code(flag), takers.join(', '), whenUnset, meaning);
  });
  return [row('flag', 'of', 'default', 'meaning'), row('---', '---', '---', '---'), ...rows].join('\n');
}
