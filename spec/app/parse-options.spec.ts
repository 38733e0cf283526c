import { expect } from 'chai';
import { EMPTY } from 'rxjs';
import type { MonitorOptions } from '../../lib/app/monitor-options.ts';
import { monitorNumbers, parseOptions } from '../../lib/app/parse-options.ts';
import { checkTarget } from '../../lib/checking/check-target.ts';
import { parseConfig } from '../../lib/config/parse-config.ts';
import type { Database } from '../../lib/postgres/database.ts';
import { keepPartitions } from '../../lib/postgres/upkeep/keep-partitions.ts';
import { targetOf } from '../../lib/targets/target-of.ts';

const NOWHERE = 'postgres://nobody@127.0.0.1:1/none';
const SITE = 'https://example.org/';
const URL_RULE = 'must be an http or https URL of at most 2048 characters, without user info or port 0';
const DSN_RULE = 'must be a PostgreSQL URL, as in postgres://user:password@host:5432/database';
const RANGE_RULE = 'must be an address or a range, as in 10.0.0.0/8';

/** As a program without types might write them. */
const parse = (options: object) => parseOptions({ dsn: NOWHERE, ...options } as MonitorOptions);
const withDraft = (draft: object) => ({ websites: [{ url: SITE, ...draft }] });

describe('The options of createMonitor', () => {
  const cases: readonly (readonly [options: object, says: string])[] = [
    [{ dsn: 'mysql://s3cret@localhost' }, `dsn: ${DSN_RULE}`],
    [{ dsn: 'postgres://localhost:99999/a' }, `dsn: ${DSN_RULE}`],
    [{ dsn: 'postgres://me:100%@localhost/a' }, `dsn: ${DSN_RULE}`],
    [{ dsn: undefined }, 'dsn: must be a text'],
    [{ listenDsn: 'localhost' }, `listenDsn: ${DSN_RULE}`],
    [{ worker: 'a\0b' }, 'worker: must be 1 to 200 characters without control characters'],
    [{ worker: '' }, 'worker: must be 1 to 200 characters without control characters'],
    [{ worker: 7 }, 'worker: must be a text'],
    [{ workerNumber: 0 }, 'workerNumber: must be a whole number from 1 to 10000'],
    [{ dbPoolSize: 1 }, 'dbPoolSize: must be a whole number from 2 to 500'],
    [{ leaseMarginMs: 1_999 }, 'leaseMarginMs: must be a whole number from 2000 to 3600000'],
    [{ confirm: 1.5 }, 'confirm: must be a whole number from 0 to 5'],
    [{ maxTimeoutMs: Number.NaN }, 'maxTimeoutMs: must be a whole number from 100 to 300000'],
    [{ batchSize: '10' }, 'batchSize: must be a whole number from 1 to 10000'],
    [{ migrate: 'no' }, 'migrate: must be true or false'],
    [{ fetch: {} }, 'fetch: must be a function'],
    [{ hooks: { recorded: 'log' } }, 'hooks.recorded: must be a function'],
    [{ log: { info: () => {} } }, 'log.warn: must be a function'],
    [{ stop: 10 }, 'stop: must be an Observable, a promise or an AbortSignal'],
    [{ stop: {} }, 'stop: must be an Observable, a promise or an AbortSignal'],
    [
      { privateTargets: ['10.0.0.0/8'] },
      'privateTargets: must be { all: true or false, ranges: addresses and ranges }',
    ],
    [
      { privateTargets: { all: false, ranges: ['::1', '10.0.0.0/33'] } },
      `privateTargets.ranges[1]: ${RANGE_RULE}`,
    ],
    [{ privateTargets: { all: false, ranges: ['all'] } }, `privateTargets.ranges[0]: ${RANGE_RULE}`],
    [{ websites: SITE }, 'websites: must be an array of URLs and drafts'],
    [{ websites: [SITE, 'ftp://example.org'] }, `websites[1]: ${URL_RULE}`],
    [{ websites: ['https://me:s3cret@example.org'] }, `websites[0]: ${URL_RULE}`],
    [{ websites: [null] }, 'websites[0]: must be a URL or a draft with one'],
    [
      withDraft({ everyMs: 999 }),
      'websites[0].everyMs: must be a duration from 1 second to 30 days, as in 30s, 500 ms, 1.5 hours, 00:01:30 or 90',
    ],
    [
      withDraft({ timeoutMs: Number.NaN }),
      'websites[0].timeoutMs: must be a duration from 1 ms to 10 minutes, as in 30s, 500 ms, 1.5 hours, 00:01:30 or 90',
    ],
    [withDraft({ redirectsMax: 2.5 }), 'websites[0].redirectsMax: must be a whole number from 0 to 20'],
    [withDraft({ ipFamily: 5 }), 'websites[0].ipFamily: must be 4 or 6'],
    [
      withDraft({ method: 'get' }),
      'websites[0].method: must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
    ],
    [
      withDraft({ key: 'No Key' }),
      'websites[0].key: must be up to 100 of a-z, 0-9, . _ and -, as in shop.checkout-1',
    ],
    [withDraft({ headers: { 'a b': 's3cret' } }), "websites[0].headers: must be 'name: value'"],
    [
      withDraft({ labels: { 'a-b': 'c' } }),
      'websites[0].labels: must be name=value, as in team=web; at most 32',
    ],
    [
      withDraft({ acceptedStatuses: '200' }),
      'websites[0].acceptedStatuses: does not have the type of the field',
    ],
    [
      withDraft({ credentials: { kind: 'digest' } }),
      'websites[0].credentials: does not have the type of the field',
    ],
    [withDraft({ pattern: 'a.b' }), 'websites[0].pattern: does not have the type of the field'],
    [withDraft({ every: 10 }), 'websites[0].every: is not a field of a draft'],
  ];
  for (const [options, says] of cases) {
    it(`${JSON.stringify(options)}: ${says.split(':')[0]} is refused by name`, () => {
      expect(() => parse(options))
        .to.throw(RangeError)
        .with.property('message', says);
    });
  }

  it('are all named if several are at fault, and counted if they are many', () => {
    expect(() => parse({ batchSize: 0, queueSize: -1 })).to.throw(
      'batchSize: must be a whole number from 1 to 10000; queueSize: must be a whole number from 1 to 100000',
    );
    expect(() => parse({ websites: Array(2_000).fill('x') })).to.throw(/; and 1980 more$/);
  });

  it('may be undefined, each of them, and a draft may have every field', () => {
    const draft = {
      everyMs: 1_500,
      timeoutMs: 1,
      headers: { accept: 'text/plain' },
      labels: { team: 'web' },
      acceptedStatuses: [[200, 299]],
      credentials: { kind: 'basic', user: 'me', password: '' },
      pattern: { text: 'a.b', mustMatch: false },
      ipFamily: 6,
      verifiesTls: false,
      certificateValidityMinMs: 86_400_000,
      requestBody: undefined,
      notes: null,
    };
    const undefineds = [
      'worker',
      'websites',
      'workerNumber',
      'fetch',
      'hooks',
      'log',
      'stop',
      'privateTargets',
    ];
    expect(parse(Object.fromEntries(undefineds.map(name => [name, undefined]))).websites).to.deep.equal([]);
    const [website] = parse(withDraft(draft)).websites;
    expect(website).to.deep.equal({ urls: [SITE], draft });
  });

  it('has the defaults of the service', () => {
    const parsed = parseConfig([], {}, { isTerminal: false, randomUuid: 'any' });
    if (parsed.kind !== 'run') throw new Error('the service needs no arguments');
    expect(parsed.config).to.deep.include(monitorNumbers({ dsn: NOWHERE }));
  });
});

describe('The settings of parts', () => {
  it('are refused by name: what targetOf is given', () => {
    expect(() => targetOf('nowhere', { timeoutMs: -1 })).to.throw(
      RangeError,
      /^url: must be an http.*; timeoutMs: must be/,
    );
  });

  it('are refused by name: how often checkTarget confirms', () => {
    const ports = { fetch: () => EMPTY, match: async () => ({ kind: 'absent' }) as const };
    expect(() => checkTarget(ports, { confirm: -1 })).to.throw(
      RangeError,
      'confirm: must be a whole number from 0',
    );
  });

  it('are refused by name: how long keepPartitions keeps history', () => {
    const keeping = { retentionDays: 0, onTrouble: () => {} };
    expect(() => keepPartitions({} as Database, keeping)).to.throw(RangeError, /^retentionDays: must be/);
  });
});
