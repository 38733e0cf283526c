import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ABOUT_COMMANDS, flagsOf } from '../../lib/config/commands.ts';
import { commandHelp, helpText } from '../../lib/config/help.ts';
import { FLAGS } from '../../lib/config/settings.ts';
import { commandFlagsTable, commandsTable } from '../../scripts/support/settings-table.ts';
import { commandConfigOf, parse, problemsOf } from '../support/parsing.ts';

describe('What to do', () => {
  it('runs the service, or migrates if that is the first word', () => {
    expect(parse([]).kind).to.equal('run');
    expect(parse(['migrate']).kind).to.equal('migrate');
    expect(parse(['--dsn', 'postgres://h/d', 'migrate']).kind).to.equal('migrate');
    expect(parse(['check', 'https://example.org']).kind).to.equal('check');
  });

  it('is to check something, once', () => {
    expect(problemsOf(['check'])).to.deep.equal(['check: needs a URL']);
    const problems = problemsOf(['check', 'https://example.org', '--every=5s']);
    expect(problems).to.deep.equal(['--every: check does not take it; see check --help']);
  });

  it('is to check with the settings that bear on one check, and no others', () => {
    const taken = ['--max-timeout=5', '--confirm=0', '--allow-private-targets=all', '--no-raise-for-status'];
    expect(parse(['check', 'https://example.org', ...taken]).kind).to.equal('check');
    for (const other of [
      'retention=5',
      'http-port=off',
      'lease-margin=9',
      'heartbeat-url=https://h.example',
      'no-migrate',
    ])
      expect(problemsOf(['check', 'https://example.org', `--${other}`])).to.have.length(1);
  });

  it('is not both to migrate and to check', () => {
    expect(problemsOf(['migrate', 'https://example.org'])).to.deep.equal(['migrate: takes no URLs']);
  });

  for (const [argv, kind, asked] of [
    [['targets', 'add', 'https://example.org'], 'targets add', {}],
    [
      ['targets', 'remove', '7', 'https://A.example'],
      'targets remove',
      {
        targets: [{ id: '7' }, { url: 'https://a.example/' }],
      },
    ],
    [
      ['targets', 'remove', '9223372036854775807'],
      'targets remove',
      { targets: [{ id: '9223372036854775807' }] },
    ],
    [['targets', 'import', '-'], 'targets import', { file: '-' }],
    [['targets', 'export', '--format', 'json'], 'targets export', { file: null, format: 'json' }],
    [
      ['tail', '--outcome=up,down', '--cause', 'http_status, too_slow'],
      'tail',
      {
        outcomes: ['up', 'down'],
        causes: ['http_status', 'too_slow'],
      },
    ],
    [['status', '--last', '2h', '--json'], 'status', { lastMs: 7_200_000 }],
    [
      ['maintenance', 'add', 'nightly', '--key=a', '--weekly=mon, SUN', '--at=02:00', '--for=90m'],
      'maintenance add',
      { names: ['nightly'], keys: ['a'], weekdays: [1, 7], monthDays: null, lasting: '90 m', from: null },
    ],
    [['silences', 'add', 'a', '--everything', '--for=30d'], 'silences add', { lasting: '30 d' }],
    [
      ['silences', 'add', 'a', '--label=a=b', '--from', '2028-02-29 23:59', '--until=2028-03-01T00:00Z'],
      'silences add',
      { withLabels: { a: 'b' }, from: '2028-02-29 23:59', until: '2028-03-01T00:00Z' },
    ],
    [['silences', 'end', 'a', '7'], 'silences end', { names: ['a', '7'] }],
    [['doctor', '--worker-number', '5'], 'doctor', {}],
  ] as const) {
    it(`is ${kind} after "${argv.join(' ')}"`, () => {
      expect(parse([...argv]).kind).to.equal(kind);
      expect(commandConfigOf([...argv])).to.deep.include(asked);
    });
  }

  for (const [problem, ...argv] of [
    [
      'targets: needs one of add, list, show, remove, enable, disable, import, export behind it; see targets --help',
      'targets',
    ],
    ['targets lst: no such command; did you mean targets list?', 'targets', 'lst'],
    ['target: no such command; did you mean targets list?', 'target', 'list'],
    ['stauts: no such command; did you mean status?', 'stauts'],
    ['list: no such command; did you mean targets list?', 'list'],
    ['frobnicate: no such command; see --help', 'frobnicate'],
    ['targets frobnicate: no such command; see --help', 'targets', 'frobnicate'],
    ['targets add: needs a URL', 'targets', 'add'],
    ['targets disable: needs an id, a key or a URL, or --label', 'targets', 'disable'],
    ['targets import: needs one FILE, or - for standard input', 'targets', 'import'],
    ['targets export: takes at most one FILE', 'targets', 'export', 'a', 'b'],
    ['status: takes no URLs', 'status', 'https://example.org'],
    ['--every: tail does not take it; see tail --help', 'tail', '--every=5s'],
    ['--limit: run does not take it; see run --help', '--limit=5'],
    ['--outcome: must be one or more of up, down, unknown, comma-separated', 'tail', '--outcome=upp'],
    ['--cause: must be comma-separated names of causes; docs/CAUSES.md lists them', 'tail', '--cause=a'],
    [
      '--cause: must be comma-separated names of causes; did you mean http_status?',
      'tail',
      '--cause=too_slow,http_statsu',
    ],
    ['silences: needs one of add, list, end behind it; see silences --help', 'silences'],
    ['maintenance ad: no such command; did you mean maintenance add?', 'maintenance', 'ad'],
    ['silences add: needs one NAME', 'silences', 'add', '--everything'],
    [
      '--label: say which targets it covers: --label, --key, or --everything without them',
      'silences',
      'add',
      'a',
    ],
    [
      '--label: say which targets it covers: --label, --key, or --everything without them',
      'silences',
      'add',
      'a',
      '--everything',
      '--key=a',
    ],
    [
      '--at: needed with --weekly and --monthly, like --for, and only with them',
      ...['maintenance', 'add', 'a', '--key=a', '--weekly=mon', '--at=02:00'],
    ],
    [
      '--at: needed with --weekly and --monthly, like --for, and only with them',
      ...['maintenance', 'add', 'a', '--key=a', '--at=02:00', '--for=2h'],
    ],
    [
      '--for: cannot be combined with --until, unless it recurs',
      ...['silences', 'add', 'a', '--key=a', '--for=2h', '--until=2030-01-01 00:00'],
    ],
    [
      '--monthly: cannot be combined with --weekly',
      ...['silences', 'add', 'a', '--key=a', '--weekly=mon', '--monthly=1', '--at=02:00', '--for=2h'],
    ],
    [
      '--weekly: must be days of the week, comma-separated, as in mon,tue,wed,thu,fri,sat,sun',
      ...['silences', 'add', 'a', '--key=a', '--weekly=mon,xyz', '--at=02:00', '--for=2h'],
    ],
    [
      '--monthly: must be days of the month, comma-separated, from 1 to 31, or -1 for the last',
      ...['silences', 'add', 'a', '--key=a', '--monthly=0', '--at=02:00', '--for=2h'],
    ],
    ...['CET', '+02:00', 'Europe/Nowhere'].map(
      zone =>
        [
          '--time-zone: must be an IANA time zone, as in Europe/Berlin',
          ...['silences', 'list', '--time-zone', zone],
        ] as const,
    ),
    ...['2030-02-30 00:00', '2030-01-01 24:00', 'tomorrow', '2030-01-01'].map(
      time =>
        [
          '--from: must be a time, as in "2026-01-31 22:00", or 2026-01-31T22:00Z',
          ...['silences', 'add', 'a', '--key=a', '--from', time],
        ] as const,
    ),
    [
      '--for: must be a duration from 1m to 30d, as in 45m, 2h or 1d',
      'silences',
      'add',
      'a',
      '--key=a',
      '--for=0m',
    ],
    // A fault has one line, though two rules see it.
    ['targets add: needs a URL', 'targets', 'add', '--every=5s', '--key=a'],
    ['--unknwon: no such flag; see --help', 'check', '--unknwon', 'example.org'],
    ['--format: must be one of csv, json', 'targets', 'export', '--format=xml'],
  ] as const) {
    it(`is refused: ${argv.join(' ')}`, () => expect(problemsOf([...argv])).to.deep.equal([problem]));
  }

  it('is to help with one command, or a group of them', () => {
    expect(parse(['targets', 'import', '--help'])).to.deep.equal({ kind: 'help', of: 'targets import' });
    expect(parse(['targets', '-h'])).to.deep.equal({ kind: 'help', of: 'targets' });
    expect(parse(['maintenance', '-h'])).to.deep.equal({ kind: 'help', of: 'maintenance' });
  });

  it('shows help if asked, whatever else is wrong', () => {
    expect(parse(['--help', '--worker-number', 'many'])).to.deep.equal({ kind: 'help' });
    expect(parse(['-h'])).to.deep.equal({ kind: 'help' });
    expect(parse(['--version'])).to.deep.equal({ kind: 'version' });
  });
});

describe('The commands of the command line', () => {
  it('each have help with their purpose, every flag, and an example that parses', () => {
    for (const [name, command] of ABOUT_COMMANDS) {
      const { does, examples } = command;
      const help = commandHelp(name);
      expect(help).to.include(does);
      for (const key of flagsOf(command))
        expect(help).to.match(new RegExp(`^  ${FLAGS.get(key)?.flag}[, ]`, 'm'));
      for (const example of examples) {
        expect(help).to.include(`\n  ${example}\n`);
        const [, words = ''] = /^website-monitor ?(.*?)( \| .*)?$/.exec(example) ?? [];
        const argv = [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(
          ([, quoted, plain]) => quoted ?? plain ?? '',
        );
        expect(parse(argv).kind, example).to.equal(name);
      }
    }
  });

  it('are all in --help, and in the documents as they are here', () => {
    for (const name of ABOUT_COMMANDS.keys())
      expect(helpText()).to.match(new RegExp(`^  \\[?${name}[\\] ]`, 'm'));
    const documents = readFileSync(new URL('../../docs/COMMANDS.md', import.meta.url), 'utf8');
    expect(documents).to.include(`<!-- commands -->\n${commandsTable()}\n<!-- /commands -->`);
    expect(documents).to.include(`<!-- command-flags -->\n${commandFlagsTable()}\n<!-- /command-flags -->`);
  });
});
