import type { About } from './setting.ts';
import { SETTINGS, TARGET_OPTIONS } from './settings.ts';

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

/** What `--help` prints. */
export const helpText =
  (): string => `website-monitor: checks websites on a fixed grid and records every check in PostgreSQL

  npm start -- [flags] [URL …]     check what the database names, and the URLs given, until Ctrl-C
  npm run check-url -- URL …       check once, store nothing, and tell what was seen
  npm run migrate -- [flags]       bring the database's schema up to date, and end

Where the package is installed: website-monitor [flags] [URL …], website-monitor check URL …, and so on.

Flags, with their defaults:

${helpLines(SETTINGS)}
  --help, -h             this text
  --version              the version

Of the URLs given:

${helpLines(TARGET_OPTIONS)}
  --json                 of check: print JSON

In the environment or in .env, --worker-number is WEBSITE_MONITOR_WORKER_NUMBER, and so on; --dsn is
also DATABASE_URL. What is said of URLs is said by flags only. A flag beats the environment, the environment
beats .env, and an empty variable counts as unset.
`;
