import { expect } from 'chai';
import { aDraft } from '../support/a-target.ts';
import { commandConfigOf, configOf, problemsOf } from '../support/parsing.ts';

describe('The values of the command line', () => {
  it('are the defaults if nothing is given', () => {
    expect(configOf([])).to.deep.equal({
      dsn: null,
      listenDsn: null,
      workerId: 'website-monitor-0f1e',
      workerNumber: 256,
      slowLaneSize: 4_096,
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
      alertUrls: [],
      defaultAlertAfterMs: 0,
      defaultRecoveryPeriodMs: 180_000,
      alertIntervalMs: 60_000,
      certificateAlertDays: [14, 7, 3, 1],
      unknownAfterMs: 900_000,
      privateChannels: { all: false, ranges: [] },
      smtpUrl: null,
      publicUrl: null,
      secretsFolder: null,
      bodyBytesMax: 1_048_576,
      raiseForStatus: true,
      enableTracing: false,
      logging: { type: 'prod' },
      scrapedTargetsMax: 0,
      heartbeatUrl: null,
      historyFile: null,
      http: { host: '127.0.0.1', port: 9400 },
      migrate: true,
      dataFolder: null,
      websites: { urls: [], draft: aDraft() },
    });
  });

  const connection = { dsn: null, listenDsn: null, dataFolder: null };
  for (const [words, expected] of [
    ['targets list', { ...connection, urlPart: null, withLabels: {}, json: false }],
    ['targets remove 7', { ...connection, targets: [{ id: '7' }], withLabels: {} }],
    ['targets enable shop', { ...connection, targets: [{ key: 'shop' }], withLabels: {} }],
    ['targets disable --label=a=b --label=c=', { ...connection, targets: [], withLabels: { a: 'b', c: '' } }],
    ['targets import -', { ...connection, migrate: true, format: null, dryRun: false, file: '-' }],
    [
      'targets export',
      { ...connection, urlPart: null, withLabels: {}, format: null, withSecrets: false, file: null },
    ],
    ['status', { ...connection, withLabels: {}, lastMs: 86_400_000, rowsMax: 10, json: false }],
    ['tail', { ...connection, urlPart: null, withLabels: {}, outcomes: null, causes: null, json: false }],
  ] as const) {
    it(`are these and no others for ${words}`, () => {
      expect(commandConfigOf(words.split(' '))).to.deep.equal(expected);
    });
  }

  it('of settings that a command does not take are not even read', () => {
    const environment = { WEBSITE_MONITOR_WORKER_NUMBER: 'many', WEBSITE_MONITOR_DSN: 'postgres://h/d' };
    expect(commandConfigOf(['status'], environment)).to.include({ dsn: 'postgres://h/d' });
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

  it('use DATABASE_URL if our own variable is not set', () => {
    const environment = { DATABASE_URL: 'postgres://other/d' };
    expect(configOf([], environment).dsn).to.equal('postgres://other/d');
    expect(configOf([], { ...environment, WEBSITE_MONITOR_DSN: 'postgres://own/d' }).dsn).to.equal(
      'postgres://own/d',
    );
  });

  it('derive the shutdown grace from the longest timeout unless it is given', () => {
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

describe('A switch', () => {
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
