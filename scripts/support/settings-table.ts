import { ABOUT_COMMANDS, flagsOf } from '../../lib/config/commands.ts';
import { usageOf } from '../../lib/config/help.ts';
import { COMMAND_OPTIONS, SETTINGS } from '../../lib/config/settings.ts';

const code = (text: string): string => `\`${text}\``;

const row = (...cells: readonly string[]): string =>
  `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;

/** The settings as docs/SETTINGS.md shows them, in Markdown. */
export function settingsTable(): string {
  const rows = [...SETTINGS.values()].map(({ flag, environment, default: whenUnset, meaning }) =>
    row(code(flag), environment.map(code).join(', else ') || '–', whenUnset, meaning),
  );
  return [row('flag', 'environment', 'default', 'meaning'), row('---', '---', '---', '---'), ...rows].join(
    '\n',
  );
}

/** The commands as docs/COMMANDS.md shows them, in Markdown. */
export function commandsTable(): string {
  const rows = [...ABOUT_COMMANDS].map(([name, about]) => row(code(usageOf(name)), about.does));
  return [row('command', 'what it does'), row('---', '---'), ...rows].join('\n');
}

/** The flags of commands other than the service, in Markdown. */
export function commandFlagsTable(): string {
  const rows = [...COMMAND_OPTIONS].map(([key, { flag, default: whenUnset, meaning }]) => {
    const takers = [...ABOUT_COMMANDS]
      .filter(([, command]) => flagsOf(command).includes(key))
      .map(([name]) => code(name));
    return row(code(flag), takers.join(', '), whenUnset, meaning);
  });
  return [row('flag', 'commands', 'default', 'meaning'), row('---', '---', '---', '---'), ...rows].join('\n');
}
