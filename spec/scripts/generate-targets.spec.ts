import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type pg from 'pg';
import { connectDatabase } from '../../lib/postgres/database.ts';
import { migrate } from '../../lib/postgres/migrate.ts';
import { sqlLiteral } from '../../scripts/support/sql-literal.ts';
import { targetsScript } from '../../scripts/support/targets-script.ts';
import { psqlLike, type TestDatabase, testDatabase } from '../support/postgres.ts';
import { runScript } from '../support/run-script.ts';

const SETTINGS = {
  count: 2000,
  baseUrl: 'http://127.0.0.1:8080',
  intervalSeconds: { min: 5, max: 300 },
  seed: 1,
};

const scriptOf = (settings: Partial<typeof SETTINGS> = {}): string =>
  [...targetsScript({ ...SETTINGS, ...settings })].join('');

describe('targetsScript', () => {
  it('has the form of the original’s insert files', () => {
    expect(scriptOf({ count: 2 })).to.match(
      new RegExp(
        [
          String.raw`^-- 2 targets under http://127\.0\.0\.1:8080, from seed 1\. To load them: psql .*`,
          'BEGIN;',
          'SET LOCAL search_path = website_monitor, public;',
          '',
          String.raw`INSERT INTO monitored_targets \(url, method, check_interval, default_headers, regex_pattern\) VALUES`,
          String.raw`  \('http://127\.0\.0\.1:8080/target/1', 'GET', '\d+ seconds', '{}', NULL\),`,
          String.raw`  \('http://127\.0\.0\.1:8080/target/2', 'GET', '\d+ seconds', '{}', NULL\);`,
          '',
          'COMMIT;\n$',
        ].join('\n'),
      ),
    );
  });

  it('inserts at most 500 targets a statement', () => {
    const rowsByStatement = scriptOf({ count: 1001 })
      .split('INSERT INTO')
      .slice(1)
      .map(statement => statement.match(/^ {2}\(/gm)?.length);
    expect(rowsByStatement).to.deep.equal([500, 500, 1]);
  });

  it('spreads the intervals over their whole range', () => {
    const intervals = [...scriptOf().matchAll(/'(\d+) seconds'/g)].map(([, seconds]) => Number(seconds));
    expect(intervals).to.have.length(2000);
    expect([Math.min(...intervals), Math.max(...intervals)]).to.deep.equal([5, 300]);
  });

  it('gives one in ten a pattern of three letters', () => {
    expect(scriptOf().match(/, '[a-z]{3}'\)/g)).to.have.length(200);
    expect(scriptOf().match(/, NULL\)/g)).to.have.length(1800);
  });

  it('writes the same again from the same seed, and something else from another', () => {
    expect(scriptOf({ seed: 7 })).to.equal(scriptOf({ seed: 7 }));
    expect(scriptOf({ seed: 7 }).replace('seed 7', '')).to.not.equal(
      scriptOf({ seed: 8 }).replace('seed 8', ''),
    );
  });
});

describe('The generated SQL, in PostgreSQL', () => {
  let database: TestDatabase;
  let client: pg.Client;

  before(async () => {
    database = await testDatabase();
    const connected = connectDatabase({ dsn: database.dsn, poolSize: 1, applicationName: 'spec' });
    await migrate(connected);
    await connected.close();
    client = await psqlLike(database.dsn);
  });

  after(async () => {
    await client.end();
    await database.drop();
  });

  it('loads the generated targets as they were meant', async () => {
    await client.query((await runScript('generate-targets.ts', '--count', '1100')).stdout);
    const { rows } = await client.query(`
      SELECT count(*)::int AS targets,
             count(DISTINCT url)::int AS urls,
             count(regex_pattern)::int AS patterns,
             count(*) FILTER (WHERE default_headers = '{}')::int AS plain,
             bool_and(check_interval BETWEEN '5 s' AND '300 s') AS intervals_fit
      FROM website_monitor.monitored_targets`);
    expect(rows).to.deep.equal([
      { targets: 1100, urls: 1100, patterns: 110, plain: 1045, intervals_fit: true },
    ]);
    expect((await client.query('SHOW search_path')).rows).to.deep.equal([{ search_path: '"$user", public' }]);
  });

  it('quotes any text so that it comes back unchanged', async () => {
    const texts = [
      '',
      "it's",
      "''",
      '\\',
      "\\'; DROP TABLE x; --",
      'a\nb',
      '$$',
      'déjà 😀',
      '{"a":"\\u0041"}',
    ];
    for (const conforming of ['on', 'off']) {
      await client.query(`SET standard_conforming_strings = ${conforming}`);
      const { rows } = await client.query({
        text: `SELECT ${[...texts, null].map(sqlLiteral).join(', ')}`,
        rowMode: 'array',
      });
      expect(rows[0], conforming).to.deep.equal([...texts, null]);
    }
  });

  it('refuses to quote NUL, which no text can hold', () => {
    expect(() => sqlLiteral('a\0b')).to.throw(RangeError, /NUL/);
  });
});

describe('npm run generate-targets', () => {
  it('writes 2,000 targets to stdout by default', async () => {
    expect(await runScript('generate-targets.ts')).to.deep.equal({ code: 0, stdout: scriptOf(), stderr: '' });
  });

  it('writes to the file given by --output', async () => {
    const output = join(tmpdir(), `targets-${randomUUID()}.sql`);
    const flags = [
      '--count=3',
      '--base-url=https://example.org/shop/',
      '--interval-s=7-7',
      '--seed=9',
      '--output',
      output,
    ];
    expect(await runScript('generate-targets.ts', ...flags)).to.deep.equal({
      code: 0,
      stdout: '',
      stderr: '',
    });
    const written = await readFile(output, 'utf8');
    await rm(output);
    expect(written).to.equal(
      scriptOf({
        count: 3,
        baseUrl: 'https://example.org/shop',
        intervalSeconds: { min: 7, max: 7 },
        seed: 9,
      }),
    );
  });

  it('names every problem of its flags, by name and rule, and exits with 2', async () => {
    const flags = ['--count=0', '--base-url', 'ftp://example.org', '--interval-s=0-5', '--sed=1', 'out.sql'];
    expect(await runScript('generate-targets.ts', ...flags)).to.deep.equal({
      code: 2,
      stdout: '',
      stderr: `--sed: no such flag; did you mean --seed?
argument 6: belongs to no flag
--count: must be a whole number from 1 to 10000000
--base-url: must be an http or https URL of at most 2048 characters, without user info or port 0
--interval-s: must be two whole numbers from 1 to 2592000, the smaller first, as in 5-500
`,
    });
  });

  it('refuses a base URL with a query, under which there are no paths', async () => {
    const { code, stderr } = await runScript('generate-targets.ts', '--base-url=http://example.org/?a=b');
    expect([code, stderr]).to.deep.equal([2, '--base-url: must end before any query or fragment\n']);
  });

  it('lists its flags for --help', async () => {
    const { code, stdout } = await runScript('generate-targets.ts', '-h');
    expect(code).to.equal(0);
    for (const flag of ['count', 'base-url', 'interval-s', 'seed', 'output'])
      expect(stdout).to.match(new RegExp(`^ {2}--${flag} .*\\(.+\\)$`, 'm'));
  });

  it('says so and exits with 1 where it cannot write', async () => {
    const output = join(tmpdir(), randomUUID(), 'targets.sql');
    const { code, stderr } = await runScript('generate-targets.ts', '--output', output);
    expect(code).to.equal(1);
    expect(stderr).to.match(/^cannot write the targets: ENOENT/);
  });
});
