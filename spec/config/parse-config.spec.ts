import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ABOUT_COMMANDS } from '../../lib/config/commands.ts';
import { type Config, parseConfig, type Surroundings } from '../../lib/config/parse-config.ts';
import { FLAGS, SETTINGS, TARGET_OPTIONS } from '../../lib/config/settings.ts';
import {
  commandFlagsTable,
  commandHelp,
  commandsTable,
  helpText,
  settingsTable,
} from '../../lib/config/tables.ts';
import { createAddressGuard } from '../../lib/net/guard/address-guard.ts';
import { aDraft } from '../support/a-target.ts';

type Environment = Record<string, string>;

const SURROUNDINGS: Surroundings = { isTerminal: false, randomUuid: '0f1e' };

const parse = (argv: string[], environment: Environment = {}, more: Partial<Surroundings> = {}) =>
  parseConfig(argv, environment, { ...SURROUNDINGS, ...more });

const configOf = (...args: Parameters<typeof parse>): Config => {
  const parsed = parse(...args);
  if (!('config' in parsed)) throw new Error(JSON.stringify(parsed));
  return parsed.config;
};

const problemsOf = (...args: Parameters<typeof parse>): readonly string[] => {
  const parsed = parse(...args);
  return parsed.kind === 'invalid' ? parsed.problems : [];
};

describe('parseConfig', () => {
  describe('the values', () => {
    it('are the defaults where nothing is given', () => {
      expect(configOf([])).to.deep.equal({
        dsn: null,
        listenDsn: null,
        workerId: 'website-monitor-0f1e',
        workerNumber: 256,
        dbPoolSize: 10,
        batchSize: 200,
        queueSize: 2000,
        maxTimeoutMs: 10_000,
        leaseMarginMs: 5_000,
        shutdownGraceMs: 25_000,
        confirm: 1,
        privateTargets: { all: false, ranges: [] },
        regexTimeoutMs: 250,
        keepAlive: false,
        certificateWarningDays: 14,
        retentionDays: 90,
        secretsFolder: null,
        bodyBytesMax: 1_048_576,
        raiseForStatus: true,
        enableTracing: false,
        logging: { type: 'prod' },
        scrapedTargetsMax: 1_000,
        historyFile: null,
        http: { host: '127.0.0.1', port: 9400 },
        migrate: true,
        dataFolder: null,
        websites: { urls: [], draft: aDraft() },
        json: false,
        asked: {
          targets: [],
          file: null,
          urlPart: null,
          outcomes: null,
          causes: null,
          lastMs: 86_400_000,
          rowsMax: 10,
          format: null,
          dryRun: false,
          withSecrets: false,
        },
      });
    });

    it('are frozen to the last', () => {
      const config = configOf(['https://example.org']);
      for (const part of [config, config.logging, config.http, config.websites, config.websites.urls]) {
        expect(part).to.be.frozen;
      }
    });

    it('come from flags before the environment, and from the environment before .env', () => {
      const environment = { WEBSITE_MONITOR_BATCH_SIZE: '2', WEBSITE_MONITOR_QUEUE_SIZE: '3000' };
      const dotEnv =
        'WEBSITE_MONITOR_BATCH_SIZE=3\nWEBSITE_MONITOR_QUEUE_SIZE=4000\nWEBSITE_MONITOR_DB_POOL_SIZE="5"';
      const config = configOf(['--batch-size', '1'], environment, { dotEnv });
      expect(config).to.include({ batchSize: 1, queueSize: 3000, dbPoolSize: 5 });
    });

    it('take an empty variable for an unset one', () => {
      const environment = {
        WEBSITE_MONITOR_DSN: '',
        DATABASE_URL: 'postgres://h/d',
        WEBSITE_MONITOR_BATCH_SIZE: '',
      };
      expect(configOf([], environment)).to.include({ dsn: 'postgres://h/d', batchSize: 200 });
    });

    it('take DATABASE_URL where there is no DSN of our own', () => {
      const environment = { DATABASE_URL: 'postgres://other/d' };
      expect(configOf([], environment).dsn).to.equal('postgres://other/d');
      expect(configOf([], { ...environment, WEBSITE_MONITOR_DSN: 'postgres://own/d' }).dsn).to.equal(
        'postgres://own/d',
      );
    });

    it('follow the longest timeout where the grace at shutdown is not given', () => {
      expect(configOf(['--max-timeout', '2.5'])).to.include({ maxTimeoutMs: 2_500, shutdownGraceMs: 10_000 });
      expect(configOf(['--max-timeout', '2.5', '--confirm', '0']).shutdownGraceMs).to.equal(7_500);
      expect(configOf(['--max-timeout', '2.5', '--shutdown-grace', '0']).shutdownGraceMs).to.equal(0);
    });

    it('take the last of a flag given twice', () => {
      expect(configOf(['--batch-size', '1', '--batch-size=2']).batchSize).to.equal(2);
    });

    it('leave variables with our prefix alone that Kubernetes makes for a service of our name', () => {
      expect(problemsOf([], { WEBSITE_MONITOR_PORT: 'tcp://10.0.0.1:9400' })).to.deep.equal([]);
    });
  });

  describe('a switch', () => {
    for (const [argv, expected] of [
      [[], false],
      [['--enable-tracing'], true],
      [['--enable-tracing', 'false'], false],
      [['--enable-tracing=yes'], true],
      [['--no-enable-tracing'], false],
      [['--enable-tracing', '--no-enable-tracing'], false],
    ] as const) {
      it(`is ${expected} after "${argv.join(' ')}"`, () => {
        expect(configOf([...argv]).enableTracing).to.equal(expected);
      });
    }

    for (const [word, expected] of [
      ['true', true],
      ['1', true],
      ['YES', true],
      ['on', true],
      ['false', false],
      ['0', false],
      ['no', false],
      ['Off', false],
    ] as const) {
      it(`is ${expected} where its variable is ${word}`, () => {
        expect(configOf([], { WEBSITE_MONITOR_RAISE_FOR_STATUS: word }).raiseForStatus).to.equal(expected);
      });
    }

    it('leaves a URL after it alone', () => {
      expect(configOf(['--enable-tracing', 'https://example.org']).websites.urls).to.have.length(1);
    });

    it('refuses a word that is neither', () => {
      expect(problemsOf(['--enable-tracing=maybe'])).to.deep.equal([
        '--enable-tracing: must be true or false (or 1, 0, yes, no, on, off)',
      ]);
    });

    it('takes no value in its negative form', () => {
      expect(problemsOf(['--no-migrate=false'])).to.deep.equal(['--no-migrate: takes no value']);
      expect(configOf(['--no-migrate']).migrate).to.be.false;
    });
  });

  describe('what to do', () => {
    it('is to run, or to migrate where that is the first word', () => {
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

    it('is not both to migrate and to check', () => {
      expect(problemsOf(['migrate', 'https://example.org'])).to.deep.equal(['migrate: takes no URLs']);
    });

    for (const [argv, kind, asked] of [
      [['targets', 'add', 'https://example.org'], 'targets add', {}],
      [
        ['targets', 'remove', '7', 'https://A.example'],
        'targets remove',
        {
          targets: [{ id: '7' }, { urls: ['https://A.example', 'https://a.example/'] }],
        },
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
      [['doctor', '--worker-number', '5'], 'doctor', {}],
    ] as const) {
      it(`is ${kind} after "${argv.join(' ')}"`, () => {
        expect(parse([...argv]).kind).to.equal(kind);
        expect(configOf([...argv]).asked).to.deep.include(asked);
      });
    }

    for (const [problem, ...argv] of [
      [
        'targets: needs one of add, list, remove, enable, disable, import, export behind it; see targets --help',
        'targets',
      ],
      [
        'targets: needs one of add, list, remove, enable, disable, import, export behind it; see targets --help',
        'targets',
        'lst',
      ],
      ['argument 1: neither a command nor a URL; see --help', 'stauts'],
      ['targets add: needs a URL', 'targets', 'add'],
      ['targets disable: needs an id or a URL', 'targets', 'disable'],
      ['targets import: needs one FILE, or - for the standard input', 'targets', 'import'],
      ['targets export: takes at most one FILE', 'targets', 'export', 'a', 'b'],
      ['status: takes no URLs', 'status', 'https://example.org'],
      ['--every: tail does not take it; see tail --help', 'tail', '--every=5s'],
      ['--limit: run does not take it; see run --help', '--limit=5'],
      ['--outcome: must be one or more of up, down, unknown, with commas between', 'tail', '--outcome=upp'],
      [
        '--cause: must be names of causes with commas between: docs/CAUSES.md has them all',
        'tail',
        '--cause=a',
      ],
      ['--format: must be one of csv, json', 'targets', 'export', '--format=xml'],
    ] as const) {
      it(`is refused: ${argv.join(' ')}`, () => expect(problemsOf([...argv])).to.deep.equal([problem]));
    }

    it('is to help with one command, or a group of them', () => {
      expect(parse(['targets', 'import', '--help'])).to.deep.equal({ kind: 'help', of: 'targets import' });
      expect(parse(['targets', '-h'])).to.deep.equal({ kind: 'help', of: 'targets' });
    });

    it('is to help where that is asked for, whatever else is wrong', () => {
      expect(parse(['--help', '--worker-number', 'many'])).to.deep.equal({ kind: 'help' });
      expect(parse(['-h'])).to.deep.equal({ kind: 'help' });
      expect(parse(['--version'])).to.deep.equal({ kind: 'version' });
    });
  });

  describe('the URLs', () => {
    it('are kept in their normal form, each once', () => {
      const { urls } = configOf([
        'https://Example.org',
        'https://example.org/',
        'http://localhost:80/a',
      ]).websites;
      expect(urls).to.deep.equal(['https://example.org/', 'http://localhost/a']);
    });

    for (const [text, everyMs] of [
      ['1s', 1_000],
      ['90', 90_000],
      ['5m', 300_000],
      ['1h', 3_600_000],
      ['30d', 2_592_000_000],
    ] as const) {
      it(`are checked every ${everyMs} ms with --every ${text}`, () => {
        expect(configOf(['https://example.org', '--every', text]).websites.draft.everyMs).to.equal(everyMs);
      });
    }

    it('have a pattern with --match, which may begin with a dash', () => {
      expect(configOf(['https://example.org', '--match', 'h.llo']).websites.draft.pattern?.text).to.equal(
        'h.llo',
      );
      expect(configOf(['https://example.org', '--match=-+']).websites.draft.pattern?.text).to.equal('-+');
    });

    it('have what else a target can say of its own', () => {
      const { draft } = configOf([
        'https://example.org',
        '--method=POST',
        '--header=Accept: text/html',
        '--header',
        'X-Empty:',
        '--request-body={"a": 1}',
        '--basic-auth=me:pa:ss',
        '--accepted-statuses=200-299, 401',
        '--max-redirects=0',
        '--must-not-match=error',
        '--max-latency=1.5',
        '--ip-family=6',
        '--no-verify-tls',
        '--min-certificate-validity=7',
        '--timeout=2.5',
      ]).websites;
      expect(draft).to.deep.equal({
        everyMs: null,
        method: 'POST',
        headers: { Accept: 'text/html', 'X-Empty': '' },
        requestBody: '{"a": 1}',
        credentials: { kind: 'basic', user: 'me', password: 'pa:ss' },
        acceptedStatuses: [
          [200, 299],
          [401, 401],
        ],
        redirectsMax: 0,
        pattern: { text: 'error', mustMatch: false },
        latencyMaxMs: 1_500,
        ipFamily: 6,
        verifiesTls: false,
        certificateValidityMinMs: 604_800_000,
        timeoutMs: 2_500,
      });
    });

    it('may have a reference for a user, which holds a colon', () => {
      const { draft } = configOf(['https://example.org', '--basic-auth=${env:A}:${file:b}']).websites;
      expect(draft.credentials).to.deep.equal({ kind: 'basic', user: '${env:A}', password: '${file:b}' });
    });

    for (const [problem, ...flags] of [
      [
        '--must-not-match: cannot stand beside --match: a target has one pattern',
        '--match=a',
        '--must-not-match=b',
      ],
      ['--bearer-token: cannot stand beside --basic-auth', '--bearer-token=a', '--basic-auth=a:b'],
      ['--request-body: needs a --method that carries one, as POST does', '--request-body=a'],
      ["--header: must be like 'name: value'", '--header=nameless', '--header=A: b'],
      ['--json: run does not take it; see run --help', '--json'],
    ] as const) {
      it(`are refused ${flags.join(' and ')}`, () => {
        expect(problemsOf(['https://example.org', ...flags])).to.deep.equal([problem]);
      });
    }

    for (const flag of ['--every=30s', '--match=hello', '--header=A: b', '--timeout=2']) {
      it(`are needed for ${flag}`, () => {
        expect(problemsOf([flag]))
          .to.have.length(1)
          .and.to.match(/needs a URL on the command line/);
      });
    }

    for (const url of [
      'example.org',
      'ftp://example.org',
      'http:example.org',
      'https://',
      'https://me:s3cret@example.org',
      'https://me@example.org',
      'http://example.org:0',
      'http://example.org:65536',
      `http://example.org/${'a'.repeat(2_048)}`,
    ]) {
      it(`may not be ${url.slice(0, 40)}`, () => {
        expect(problemsOf(['https://example.org', url])).to.deep.equal([
          'URL 2: must be an http or https URL of at most 2048 characters, without user info or port 0',
        ]);
      });
    }
  });

  describe('a rule', () => {
    const broken: readonly (readonly [flag: string, ...values: string[]])[] = [
      ['--dsn', 'mysql://h/d', 'host=h dbname=d', 'postgres://h:99999/d', 'postgres://u:p%@h/d', 'postgres'],
      ['--listen-dsn', 'http://h'],
      ['--worker-id', 'a\nb', 'a'.repeat(201)],
      ['--worker-number', '0', '-1', '1.5', '1e3', 'many', '10001', ' 5', '0x10', '９'],
      ['--db-pool-size', '1', '501'],
      ['--batch-size', '0', '10001'],
      ['--queue-size', '0', '100001'],
      ['--max-timeout', '0', '0.05', '301', '10s', 'Infinity', '1e1'],
      ['--logging-type', 'DEV', 'json', '__proto__'],
      ['--http-port', '65536', '-1', 'none', '80.5'],
      ['--max-body-bytes', '0', '1MiB', '67108865'],
      ['--confirm', '-1', '6', 'once'],
      ['--regex-timeout', '0', '0.001', '2'],
      ['--certificate-warning', '-1', '366', '2w'],
      ['--retention', '0', '3651', '90d', '1.5'],
      ['--basic-auth', 'me', ':pass'],
      ['--bearer-token', 'a b', 'é'],
      ['--accepted-statuses', '2xx', '99', '300-200'],
      ['--ip-family', '5'],
      ['--method', 'get', 'TRACE'],
      ['--max-redirects', '21'],
      ['--max-latency', '0', '601'],
      ['--min-certificate-validity', '366', '1.5'],
      [
        '--allow-private-targets',
        'none,all',
        'private',
        '10.0.0.0/33',
        'fd00::/129',
        '10.0.0/8',
        '1.2.3.4/',
        ',',
        '127.0.0.1,',
        '127.1',
        '2130706433',
        'localhost',
        'fe80::1%eth0',
        '[::1]',
        '10.0.0.0/8/8',
        '10.0.0.0/-1',
        '10.0.0.0/0x8',
        '10.0.0.0-10.0.0.9',
        'all none',
      ],
      ['--lease-margin', '1', '3601'],
      ['--shutdown-grace', '-1', '3601'],
      ['--every', '0s', '31d', '1w', '1.5m', '-1s', 's', '1constructor'],
      ['--raise-for-status', 'constructor', '2'],
    ];
    for (const [flag, ...values] of broken) {
      for (const value of values) {
        it(`of ${flag} refuses ${JSON.stringify(value.slice(0, 30))}`, () => {
          const problems = problemsOf([`${flag}=${value}`, 'https://example.org']);
          expect(problems).to.have.length(1);
          expect(problems[0]).to.match(new RegExp(`^${flag}: must be `));
        });
      }
    }

    const kept: readonly (readonly [flag: string, ...values: string[]])[] = [
      [
        '--dsn',
        'postgresql://u:p%40@[::1]:5433/d?sslmode=require',
        'postgres:///d?host=/tmp',
        'postgres://u:p@/d?host=/tmp',
      ],
      ['--max-timeout', '0.1', '300'],
      ['--http-port', '0', 'off', '65535'],
      ['--shutdown-grace', '0', '3600'],
      ['--lease-margin', '2'],
    ];
    for (const [flag, ...values] of kept) {
      for (const value of values) {
        it(`of ${flag} takes ${value}`, () => expect(problemsOf([flag, value])).to.deep.equal([]));
      }
    }

    const opened: readonly (readonly [value: string, all: boolean, ...ranges: string[]])[] = [
      ['none', false],
      ['NONE', false],
      ['all', true],
      ['127.0.0.1', false, '127.0.0.1'],
      ['10.0.0.0/8, FD00::/8 ,127.0.0.1', false, '10.0.0.0/8', 'fd00::/8', '127.0.0.1'],
      ['0.0.0.0/0,::/0', false, '0.0.0.0/0', '::/0'],
      ['169.254.169.254/32,All', true, '169.254.169.254/32'],
      ['::ffff:10.0.0.0/104', false, '::ffff:10.0.0.0/104'],
    ];
    for (const [value, all, ...ranges] of opened) {
      it(`of --allow-private-targets takes ${value}, as the guard does`, () => {
        const { privateTargets } = configOf(['--allow-private-targets', value]);
        expect(privateTargets).to.deep.equal({ all, ranges });
        expect(() => createAddressGuard(privateTargets)).to.not.throw();
      });
    }

    it('of metrics and health takes off for none', () => {
      expect(configOf(['--http-port', 'off']).http).to.be.null;
    });
  });

  describe('settings together', () => {
    it('need a queue that holds what runs and what is leased at once', () => {
      const says = '--queue-size: must be at least --worker-number and --batch-size';
      expect(problemsOf(['--queue-size', '255', '--batch-size', '10'])[0]).to.include(says);
      expect(problemsOf(['--worker-number', '2001'])[0]).to.include(says);
      expect(
        problemsOf(['--queue-size', '100', '--worker-number', '100', '--batch-size', '101'])[0],
      ).to.include(says);
      expect(
        problemsOf(['--queue-size', '100', '--worker-number', '100', '--batch-size', '100']),
      ).to.deep.equal([]);
    });

    it('need a file for custom logging', () => {
      const environment = { WEBSITE_MONITOR_LOGGING_TYPE: 'custom' };
      expect(problemsOf([], environment)[0]).to.include('--logging-config-file: must name a file');
      expect(configOf(['--logging-config-file', 'log.json'], environment).logging).to.deep.equal({
        type: 'custom',
        configFile: 'log.json',
      });
    });

    it('leave a custom logging config unused where another type is asked for', () => {
      const environment = {
        WEBSITE_MONITOR_LOGGING_TYPE: 'custom',
        WEBSITE_MONITOR_LOGGING_CONFIG_FILE: 'log.json',
      };
      expect(configOf(['--logging-type', 'dev'], environment).logging).to.deep.equal({ type: 'dev' });
    });

    it('log for people on a terminal, and for machines elsewhere', () => {
      expect(configOf([], {}, { isTerminal: true }).logging).to.deep.equal({ type: 'dev' });
      expect(configOf([], {}, { isTerminal: false }).logging).to.deep.equal({ type: 'prod' });
      expect(configOf(['https://example.org']).logging).to.deep.equal({ type: 'dev' });
      expect(configOf(['https://example.org', '--logging-type', 'prod']).logging).to.deep.equal({
        type: 'prod',
      });
    });

    it('need a DSN for a DSN to listen on', () => {
      const environment = { WEBSITE_MONITOR_LISTEN_DSN: 'postgres://direct/d' };
      expect(problemsOf([], environment)[0]).to.match(/^WEBSITE_MONITOR_LISTEN_DSN: needs --dsn/);
      expect(configOf(['--dsn', 'postgres://pooler/d'], environment).listenDsn).to.equal(
        'postgres://direct/d',
      );
    });
  });

  describe('the problems', () => {
    it('are all told at once, each by the name under which it was given', () => {
      const environment = { WEBSITE_MONITOR_DB_POOL_SIZE: '1', WEBSITE_MONITOR_LOGGING_TYPE: 'custom' };
      const dotEnv = 'WEBSITE_MONITOR_HTTP_PORT=x';
      const argv = [
        '--wroker-number',
        '5',
        '--batch-size',
        '0',
        '--queue-size',
        '--dsn',
        '--match=',
        'ftp://x',
      ];
      expect(problemsOf(argv, environment, { dotEnv })).to.deep.equal([
        '--wroker-number: no such flag; see --help',
        '--queue-size: needs a value; one that begins with a dash is written --queue-size=…',
        '--dsn: needs a value; one that begins with a dash is written --dsn=…',
        '--match: needs a value; one that begins with a dash is written --match=…',
        'WEBSITE_MONITOR_DB_POOL_SIZE: must be a whole number from 2 to 500',
        '--batch-size: must be a whole number from 1 to 10000',
        'WEBSITE_MONITOR_HTTP_PORT: must be a port from 0 to 65535, or off',
        'URL 1: must be an http or https URL of at most 2048 characters, without user info or port 0',
        '--logging-config-file: must name a file where the logging type is custom',
      ]);
    });

    it('never hold a value, wherever the secret was put', () => {
      const secret = 's3cret';
      const flags = [...SETTINGS.values()].map(({ flag }) => `${flag}=${secret}\n`);
      const variables = [...SETTINGS.values()].flatMap(({ environment }) => environment);
      const problems = [
        ...problemsOf([...flags, secret, `https://u:${secret}@h`]),
        ...problemsOf([], Object.fromEntries(variables.map(name => [name, `${secret}\n`]))),
        ...problemsOf([`--${secret}`, `--dns=${secret}`, `-${secret}`, `--postgres://u:${secret}@h`]),
        ...problemsOf(['--dns', secret, '--dsn', `-${secret}`, `--no-migrate=${secret}`]),
      ];
      expect(problems).to.have.length.above(40);
      expect(problems.join('\n')).to.not.include(secret);
    });

    it('name an unknown flag only where it looks like one, else its place', () => {
      expect(problemsOf(['--dns', 'x', '-abc', '--A/B'])).to.deep.equal([
        '--dns: no such flag; see --help',
        'argument 3: no such flag; see --help',
        'argument 4: no such flag; see --help',
      ]);
    });

    it('do not come from names that every object has', () => {
      expect(problemsOf(['--__proto__', '--constructor', '--to-string'])).to.have.length(3);
    });
  });

  describe('the commands', () => {
    it('each have help with what they do, every flag that they take, and an example that can be read', () => {
      for (const [name, { does, flags, examples }] of ABOUT_COMMANDS) {
        const help = commandHelp(name);
        expect(help).to.include(does);
        for (const key of flags) expect(help).to.match(new RegExp(`^  ${FLAGS.get(key)?.flag}[, ]`, 'm'));
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

  describe('the tables', () => {
    it('are in the README as the schema has them', () => {
      const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
      expect(readme).to.include(`<!-- settings -->\n${settingsTable()}\n<!-- /settings -->`);
    });

    it('are in --help with every flag', () => {
      const flags = [...SETTINGS.values()].map(({ flag }) => flag);
      expect(flags).to.have.length(28);
      const ofTargets = [...TARGET_OPTIONS.values()].map(({ flag }) => flag);
      for (const flag of [...flags, ...ofTargets, '--json', '--help', '--version'])
        expect(helpText()).to.match(new RegExp(`^  ${flag}[, ]`, 'm'));
    });

    it('tell of defaults that the settings take', () => {
      const isSaid = (flag: string) => flag === '--every'; // said or not makes a difference for known targets
      const defaults = [...SETTINGS.values()].filter(
        about => /^[\w.]+$/.test(about.default) && !isSaid(about.flag),
      );
      const given = defaults.map(about => `${about.flag}=${about.default}`);
      expect(configOf([...given, 'https://example.org'])).to.deep.equal(configOf(['https://example.org']));
    });
  });
});
