import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ABOUT_COMMANDS } from '../../lib/config/commands.ts';
import { commandHelp, helpText } from '../../lib/config/help.ts';
import { SETTINGS, TARGET_OPTIONS } from '../../lib/config/settings.ts';
import { settingsTable } from '../../scripts/support/settings-table.ts';
import { configOf } from '../support/parsing.ts';

describe('The tables', () => {
  it('are in docs/SETTINGS.md as the schema has them', () => {
    const document = readFileSync(new URL('../../docs/SETTINGS.md', import.meta.url), 'utf8');
    expect(document).to.include(`<!-- settings -->\n${settingsTable()}\n<!-- /settings -->`);
  });

  it('are in --help with every flag', () => {
    const flags = [...SETTINGS.values()].map(({ flag }) => flag);
    expect(flags).to.have.length(39);
    const ofTargets = [...TARGET_OPTIONS.values()].map(({ flag }) => flag);
    for (const flag of [...flags, ...ofTargets, '--json', '--help', '--version'])
      expect(helpText()).to.match(new RegExp(`^  ${flag}[, ]`, 'm'));
  });

  for (const of of [
    null,
    'targets',
    'channels',
    'alerts',
    'silences',
    'maintenance',
    ...ABOUT_COMMANDS.keys(),
  ] as const) {
    const help = of === null ? helpText() : commandHelp(of);

    it(`begin with the usage and fit 80 columns in the help on ${of ?? 'everything'}`, () => {
      expect(help).to.match(/^Usage: website-monitor /);
      expect(help.split('\n').filter(line => line.length > 80)).to.deep.equal([]);
    });
  }

  it("are in a command's help with its own flags first", () => {
    const help = commandHelp('status');
    expect(help.indexOf('--last')).to.be.within(0, help.indexOf('--dsn'));
  });

  it('show defaults that the settings accept', () => {
    const isSaid = (flag: string) => flag === '--every'; // said or not makes a difference for known targets
    const defaults = [...SETTINGS.values()].filter(
      about => /^[\w.]+$/.test(about.default) && !isSaid(about.flag),
    );
    const given = defaults.map(about => `${about.flag}=${about.default}`);
    expect(configOf([...given, 'https://example.org'])).to.deep.equal(configOf(['https://example.org']));
  });
});
