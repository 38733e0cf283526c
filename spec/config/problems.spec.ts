import { expect } from 'chai';
import { SETTINGS } from '../../lib/config/settings.ts';
import { problemsOf } from '../support/parsing.ts';

describe('The problems of the command line', () => {
  it('are reported all at once, each by the name under which it was given', () => {
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
      '--wroker-number: no such flag; did you mean --worker-number?',
      '--queue-size: needs a value (write one that begins with a dash as --queue-size=…)',
      '--dsn: needs a value (write one that begins with a dash as --dsn=…)',
      '--match: needs a value (write one that begins with a dash as --match=…)',
      'WEBSITE_MONITOR_DB_POOL_SIZE: must be a whole number from 2 to 500',
      '--batch-size: must be a whole number from 1 to 10000',
      'WEBSITE_MONITOR_HTTP_PORT: must be a port from 0 to 65535, or off',
      '--logging-config-file: must name a file if the logging type is custom',
      'URL 1: must be an http or https URL of at most 2048 characters, without user info or port 0',
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

  it('name an unknown flag only if it looks like a flag, else its position', () => {
    expect(problemsOf(['--dns', 'x', '-abc', '--A/B'])).to.deep.equal([
      '--dns: no such flag; did you mean --dsn?',
      'argument 3: no such flag; see --help',
      'argument 4: no such flag; see --help',
    ]);
  });

  for (const [mistyped, meant] of [
    ['--worker_number', '--worker-number'],
    ['--Json', '--json'],
    ['--lable', '--label'],
    ['--tiemout', '--timeout'],
  ] as const)
    it(`suggest ${meant} for ${mistyped}`, () => {
      expect(problemsOf([`${mistyped}=1`])).to.deep.equal([
        `${mistyped}: no such flag; did you mean ${meant}?`,
      ]);
    });

  it('do not mistake properties of every object for flags', () => {
    expect(problemsOf(['--__proto__', '--constructor', '--to-string'])).to.have.length(3);
  });
});
