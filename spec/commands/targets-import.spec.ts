import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { runCommand } from '../support/command-process.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../support/migrated-database.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Every column that a user may set, each with something that is not its default. */
const EVERYTHING = `
  INSERT INTO monitored_targets (url, method, enabled, check_interval, timeout, default_headers, request_body,
    basic_auth_user, basic_auth_password, accepted_statuses, max_redirects, regex_pattern, regex_must_match,
    max_latency, ip_family, verify_tls, legacy_tls, min_certificate_validity, key, name, labels, notes, managed_by, alert_after,
    recovery_period, slow_above)
  VALUES ('https://example.org/a?b=c,"d"', 'POST', false, '1 day 00:00:01.5', '2.5 s', '{"accept": "a, \\"b\\""}',
    E'two\\nlines, "quoted"', 'me', '', '200-299, 401', 0, 'a,"b"\\s', false, '1.5 s', 6, false, true, '7 days', 'a.b-1', 'A "b", ü',
      '{"team": "web, a", "env": ""}', E'first\\nsecond', 'a.yaml', '5 min', '0', '300 ms'),
    ('https://example.org', 'GET', true, '60 s', NULL, NULL, NULL, NULL, NULL, NULL, 10, NULL, true, NULL, NULL, true, false, NULL,
      'plain', NULL, '{}', NULL, NULL, NULL, NULL, NULL);
  INSERT INTO monitored_targets (depends_on, url, bearer_token, default_headers, request_body, method)
  VALUES ((SELECT id FROM monitored_targets WHERE key = 'plain'), 'https://r.example/', '\${env:WEBSITE_MONITOR_SECRET_A}', '{"x-key": "\${file:key}"}', '', 'PUT')`;

const SETTABLE = `
  SELECT url, method, enabled, check_interval::text, timeout::text, default_headers, request_body, basic_auth_user,
    basic_auth_password, bearer_token, accepted_statuses, max_redirects, regex_pattern, regex_must_match,
    extract(epoch FROM max_latency) AS max_latency, ip_family, verify_tls, legacy_tls,
    extract(epoch FROM min_certificate_validity) AS min_certificate_validity, key, name, labels, notes, managed_by,
    (SELECT key FROM monitored_targets AS parent WHERE parent.id = target.depends_on) AS depends_on,
    alert_after::text, recovery_period::text, slow_above::text, extract(epoch FROM check_interval) AS every
  FROM monitored_targets AS target ORDER BY url, method`;

describe('website-monitor targets import and export', () => {
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

  const targets = (args: readonly string[], input = '') =>
    runCommand({ args: ['targets', ...args], environment: { WEBSITE_MONITOR_DSN: own.dsn }, input });
  const importing = (input: string, ...flags: string[]) => targets(['import', '-', ...flags], input);
  const withoutInterval = (rows: readonly Record<string, unknown>[]) =>
    rows.map(({ check_interval: _written, ...row }) => row); // a day is 24 hours here, however it was written

  for (const [what, bytes, isForeign] of [
    ['semicolons', Buffer.from('url;name\nhttps://a.example/;käfer, grün\n'), false],
    ['tabs', Buffer.from('url\tname\nhttps://a.example/\tkäfer, grün\n'), false],
    ['Windows-1252', Buffer.from('url,name\nhttps://a.example/,"käfer, grün"\n', 'latin1'), true],
    ['UTF-16', Buffer.from('\uFEFFurl\tname\nhttps://a.example/\tkäfer, grün\n', 'utf16le'), false],
    ['UTF-8 with a mark', Buffer.from('\uFEFFurl,name\nhttps://a.example/,"käfer, grün"\n'), false],
  ] as const)
    it(`reads CSV with ${what}`, async () => {
      const file = join(folder, 'saved.csv');
      await writeFile(file, bytes);
      const { stdout, stderr } = await targets(['import', file]);
      expect(stdout).to.equal('1 added, 0 changed, 0 kept, 0 refused\n');
      expect(stderr).to.equal(isForeign ? 'note: the file is not UTF-8; it is read as Windows-1252\n' : '');
      expect(await own.rows('SELECT name FROM monitored_targets')).to.deep.equal([{ name: 'käfer, grün' }]);
    });

  it('reports problems in the order of the file, whether a rule or the database finds them', async () => {
    const lines = [
      'https://a.example/,none',
      'ftp://b.example/,',
      'https://c.example/,none',
      'ftp://d.example/,',
    ];
    const { stderr } = await importing(`url,depends_on\n${lines.join('\n')}\n`);
    expect(stderr.match(/^line \d/gm)).to.deep.equal(['line 2', 'line 3', 'line 4', 'line 5']);
  });

  it('refuses a file that names a column twice', async () => {
    const { code, stderr } = await importing('url,name,url\nhttps://a.example/,a,https://b.example/\n');
    expect({ code, stderr }).to.deep.equal({
      code: 1,
      stderr: 'website-monitor: the first line has the column url twice\n',
    });
  });

  for (const format of ['csv', 'json']) {
    describe(`as ${format}`, () => {
      const file = () => join(folder, `targets.${format}`);

      it('come back the same in another database, in every column, if secrets are exported', async () => {
        await own.psql.query(EVERYTHING);
        const before = await own.rows(SETTABLE);
        expect((await targets(['export', file(), '--with-secrets'])).code).to.equal(0);
        expect((await stat(file())).mode & 0o777).to.equal(0o600);
        await emptyTables(own.psql);
        expect(await targets(['import', file()])).to.deep.equal({
          code: 0,
          stdout: '3 added, 0 changed, 0 kept, 0 refused\n',
          stderr: '',
        });
        const after = withoutInterval(await own.rows(SETTABLE));
        const normal = (row: Record<string, unknown>) => ({
          ...row,
          url: new URL(String(row.url)).href,
        });
        expect(after).to.deep.equal(withoutInterval(before).map(normal));
      });

      it('change nothing when imported into the same database, with and without secrets', async () => {
        await own.psql.query(EVERYTHING);
        const before = await own.rows('SELECT * FROM monitored_targets ORDER BY id');
        for (const flags of [[], ['--with-secrets']]) {
          await targets(['export', file(), ...flags]);
          expect((await targets(['import', file()])).stdout).to.equal(
            '0 added, 0 changed, 3 kept, 0 refused\n',
          );
        }
        expect(await own.rows('SELECT * FROM monitored_targets ORDER BY id')).to.deep.equal(before);
      });

      it('contain no secrets by default, only references; a new target cannot be imported without its secret', async () => {
        await own.psql.query(EVERYTHING);
        const { stderr } = await targets(['export', file()]);
        expect(stderr).to.match(/^3 targets exported\n1 has headers, .*--with-secrets\n$/);
        const text = await readFile(file(), 'utf8');
        expect(text)
          .to.include('${kept}')
          .and.include('${env:WEBSITE_MONITOR_SECRET_A}')
          .and.include('${file:key}');
        expect(text).to.not.match(/two|"me"|,me,|accept"/);
        await emptyTables(own.psql);
        const { code, stdout, stderr: refused } = await targets(['import', file()]);
        expect({ code, stdout }).to.deep.equal({
          code: 1,
          stdout: '2 added, 0 changed, 0 kept, 1 refused\n',
        });
        expect(refused).to.match(/^line \d: \$\{kept\} keeps a value in the database/);
      });
    });
  }

  it('is idempotent by URL and method, and changes only what the file has columns for', async () => {
    await own.psql.query(
      "INSERT INTO monitored_targets (url, timeout, enabled) VALUES ('https://a.example/', '3 s', false)",
    );
    const file = 'url,method,check_interval\nhttps://A.example,,5m\nhttps://a.example,HEAD,\n';
    expect((await importing(file)).stdout).to.equal('1 added, 1 changed, 0 kept, 0 refused\n');
    expect((await importing(file)).stdout).to.equal('0 added, 0 changed, 2 kept, 0 refused\n');
    expect(
      await own.rows(
        'SELECT method, timeout::text, enabled, check_interval::text AS every FROM monitored_targets ORDER BY id',
      ),
    ).to.deep.equal([
      { method: 'GET', timeout: '00:00:03', enabled: false, every: '00:05:00' },
      { method: 'HEAD', timeout: null, enabled: true, every: '00:01:00' },
    ]);
  });

  it('identifies a target by its key, and takes labels as JSON', async () => {
    const header = 'url,key,labels,depends_on';
    const file = [
      header,
      'https://a.example,shop,"{""team"": ""web""}",',
      'https://b.example,cart,{},shop',
      'https://c.example,A,,',
      'https://d.example,,[],',
      'https://e.example,,,none',
    ].join('\n');
    const { stdout, stderr } = await importing(file);
    expect(stdout).to.equal('2 added, 0 changed, 0 kept, 3 refused\n');
    expect(stderr.trimEnd().split('\n')).to.deep.equal([
      'line 4: key must be up to 100 of a-z, 0-9, . _ and -, as in shop.checkout-1',
      'line 5: labels must be an object of strings',
      'line 6: depends_on must name a target that is there',
    ]);
    expect((await importing(`${header}\nhttps://moved.example,shop,,\n`)).stdout).to.match(
      /^0 added, 1 changed/,
    );
    expect(
      await own.rows('SELECT url, key, labels, depends_on::integer FROM monitored_targets ORDER BY id'),
    ).to.deep.equal([
      { url: 'https://moved.example/', key: 'shop', labels: {}, depends_on: null },
      { url: 'https://b.example/', key: 'cart', labels: {}, depends_on: 1 },
    ]);
  });

  it('exports only targets with the given labels', async () => {
    await importing('url,labels\nhttps://a.example,"{""team"": ""web""}"\nhttps://b.example,\n');
    expect((await targets(['export', '--label=team=web', '--format=json'])).stdout)
      .to.include('https://a.example')
      .and.not.include('https://b.example');
  });

  it('reads an empty cell as the default, and applies the last of two entries for a target', async () => {
    await importing('url,max_redirects,timeout\nhttps://a.example,3,2s\n');
    const twice = 'url,max_redirects,timeout\nhttps://a.example,5,2s\nhttps://a.example,,\n';
    expect((await importing(twice)).stdout).to.equal('0 added, 2 changed, 0 kept, 0 refused\n');
    expect(await own.rows('SELECT max_redirects, timeout FROM monitored_targets')).to.deep.equal([
      { max_redirects: 10, timeout: null },
    ]);
  });

  it('reports invalid entries by line, without secrets, and imports the others', async () => {
    const file = [
      'url,method,check_interval,default_headers,request_body,bearer_token,regex_pattern',
      'https://ok.example,,,,,,',
      'ftp://s3cret.example,,,,,,',
      'https://a.example,,0s,,,,(?=a)',
      'https://a.example,,,"{""host"": ""s3cret""}",,,',
      'https://a.example,GET,,,s3cret,,',
      'https://a.example,,,,,s3 cret,',
      'https://a.example,GET',
      'https://also.example,,,,,,',
    ].join('\n');
    const { code, stdout, stderr } = await importing(file);
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '2 added, 0 changed, 0 kept, 6 refused\n' });
    expect(
      stderr
        .trimEnd()
        .split('\n')
        .sort()
        .map(line => line.slice(0, 60)),
    ).to.deep.equal([
      'line 3: url must be an http or https URL of at most 2048 cha',
      'line 4: check_interval must be a duration from 1 second to 3',
      'line 5: default_headers must leave Host and framing headers ',
      'line 6: request_body needs a method that carries one, not GE',
      'line 7: bearer_token must be 1 to 8192 printable ASCII, no s',
      'line 8: does not have one cell per column',
    ]);
    expect(stderr).to.not.match(/s3.?cret/);
  });

  it('changes nothing in a dry run, and prints what would change', async () => {
    const { stdout, stderr } = await importing(
      'url,ip_family\nhttps://a.example,4\nhttps://b.example,5\n',
      '--dry-run',
    );
    expect(stdout).to.equal('dry run: 1 added, 0 changed, 0 kept, 1 refused\n');
    expect(stderr).to.equal('line 3: ip_family must be 4 or 6\n');
    expect(await own.rows('SELECT FROM monitored_targets')).to.deep.equal([]);
  });

  for (const [what, input, problem, ...flags] of [
    [
      'an unknown column',
      'url,evry\nhttps://a.example,5s\n',
      /^website-monitor: the first line has unknown columns: evry; the columns are url, /,
    ],
    [
      'no line of column names',
      'https://a.example/?s3cret,GET\n',
      /^website-monitor: the first line has unknown columns: GET; the columns are/,
    ],
    ['no urls', 'method\nGET\n', /^website-monitor: the first line has no column url\n$/],
    [
      'an incomplete array',
      '[{"url": "https://a.example"}',
      /^website-monitor: the file starts like a JSON array/,
      '--format=json',
    ],
  ] as const) {
    it(`refuses the whole file: ${what}`, async () => {
      const { code, stdout, stderr } = await importing(input, ...flags);
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr)
        .to.match(problem)
        .and.not.match(/s3cret/);
      expect(await own.rows('SELECT FROM monitored_targets')).to.deep.equal([]);
    });
  }

  it('takes JSON as an object per line and as an array, with numbers and objects as values', async () => {
    const one = {
      url: 'https://a.example',
      max_redirects: 3,
      verify_tls: false,
      default_headers: { accept: 'a' },
    };
    const array = JSON.stringify([one, { url: 'https://b.example', nme: 1 }], null, 2);
    const read = await importing(array, '--format=json');
    expect(read.stdout).to.equal('1 added, 0 changed, 0 kept, 1 refused\n');
    expect(read.stderr).to.match(
      /^line 2: has unknown columns: nme \(did you mean name\?\); the columns are url/,
    );
    const lines = `${JSON.stringify(one)}\n\nnone\n`;
    expect(await importing(lines, '--format=json')).to.include({
      stdout: '0 added, 0 changed, 1 kept, 1 refused\n',
      stderr: 'line 3: not a JSON object\n',
    });
    expect(
      await own.rows('SELECT max_redirects, verify_tls, default_headers FROM monitored_targets'),
    ).to.deep.equal([{ max_redirects: 3, verify_tls: false, default_headers: { accept: 'a' } }]);
  });

  it('reports a missing file', async () => {
    const { code, stderr } = await targets(['import', join(folder, 'none.csv')]);
    expect(code).to.equal(1);
    expect(stderr).to.match(/none\.csv: cannot be read \(ENOENT\)\n$/);
  });

  it('spreads many new targets over their interval, as one bulk insert does', async () => {
    const file = join(folder, 'many.csv');
    const urls = Array.from({ length: 5_000 }, (_, index) => `https://h${index}.example,1h`);
    await writeFile(file, `url,check_interval\n${urls.join('\n')}\n`);
    expect((await targets(['import', file])).stdout).to.equal('5,000 added, 0 changed, 0 kept, 0 refused\n');
    const [row] = await own.rows(
      "SELECT count(*)::integer AS soon FROM target_leases WHERE next_fire_at < now() + interval '20 s'",
    );
    expect(row?.soon).to.be.within(1, 260); // 200 at once, and those of the grid
  });
});
