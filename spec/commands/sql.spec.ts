import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Ran, runCommand } from '../support/command-process.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../support/migrated-database.ts';
import { commandConfigOf, problemsOf } from '../support/parsing.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('website-monitor sql', () => {
  let own: MigratedDatabase;
  let folder: string;
  before(async () => {
    own = await migratedDatabase();
    folder = await temporaryFolder();
  });
  beforeEach(() => emptyTables(own.psql));
  after(async () => {
    await own.drop();
    await rm(folder, { recursive: true });
  });

  const sql = (args: readonly string[], input = ''): Promise<Ran> =>
    runCommand({ args: ['sql', ...args], environment: { WEBSITE_MONITOR_DSN: own.dsn }, input });

  it('finds our tables without their schema, and prints rows as a table of what PostgreSQL writes', async () => {
    const insert =
      "INSERT INTO monitored_targets (url, check_interval) VALUES ('https://a.example/', '90 s')";
    const read = 'SELECT id, url, check_interval, name FROM monitored_targets';
    expect(await sql([`${insert}; ${read}`])).to.deep.equal({
      code: 0,
      stdout: [
        'INSERT 1',
        '  id  url                 check_interval  name',
        '  1   https://a.example/  00:01:30',
        '(1 row)',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  it('keeps columns of one name apart, and cells on their line', async () => {
    const { stdout } = await sql(["SELECT 1 AS a, E'x\\ny\\x1b' AS a"]);
    expect(stdout).to.equal('  a  a\n  1  x\\ny\\u001b\n(1 row)\n');
  });

  it('says how many rows there are, even if there are none', async () => {
    expect((await sql(['SELECT id FROM targets'])).stdout).to.equal('  id\n(0 rows)\n');
  });

  for (const [what, encode] of [
    ['UTF-8', (text: string) => Buffer.from(text)],
    ['UTF-16', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ] as const)
    it(`reads a file in ${what}, by --file or -f`, async () => {
      const file = join(folder, 'some.sql');
      await writeFile(file, encode("SELECT 'käfer' AS word;\n"));
      for (const args of [['-f', file], ['--file', file], [`--file=${file}`]])
        expect((await sql(args)).stdout).to.equal('  word\n  käfer\n(1 row)\n');
    });

  it('reads standard input without SQL, and for -', async () => {
    for (const args of [[], ['-f', '-']])
      expect((await sql(args, 'SELECT 1 AS one')).stdout).to.equal('  one\n  1\n(1 row)\n');
  });

  it('ends after a mistake, names its line and the hint, and undoes what came before', async () => {
    const text =
      "INSERT INTO monitored_targets (url) VALUES ('https://a.example/');\nSELECT urls FROM targets";
    expect(await sql([text])).to.deep.equal({
      code: 1,
      stdout: '',
      stderr:
        'website-monitor: column "urls" does not exist (42703), in line 2\n' +
        'hint: Perhaps you meant to reference the column "targets.url".\n',
    });
    expect(await own.rows('SELECT FROM monitored_targets')).to.deep.equal([]);
  });

  it('shows what the server remarks', async () => {
    expect((await sql(["DO $$ BEGIN RAISE NOTICE 'so far'; END $$"])).stderr).to.equal('note: so far\n');
  });

  it('says what is missing: SQL, a file, a database', async () => {
    expect((await sql([])).stderr).to.match(/^website-monitor: there is no SQL to run/);
    expect((await sql(['-f', join(folder, 'none')])).stderr).to.match(/none: cannot be read \(ENOENT\)\n$/);
    expect(await sql(['SELECT 1', '--dsn', 'postgres://localhost:1/d'])).to.deep.include({
      code: 1,
      stdout: '',
    });
  });

  it('takes SQL once, from one place', () => {
    expect(problemsOf(['sql', 'SELECT 1', 'SELECT 2'])).to.deep.equal([
      'sql: takes one text of SQL, in quotes',
    ]);
    expect(problemsOf(['sql', 'SELECT 1', '-f', 'x'])).to.deep.equal([
      '--file: cannot be combined with SQL on the command line',
    ]);
    expect(commandConfigOf(['sql', '-f', 'x'])).to.deep.include({ source: { file: 'x' } });
  });
});
