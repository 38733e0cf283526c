import { expect } from 'chai';
import { runCommand, runShell } from '../support/command-process.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../support/migrated-database.ts';
import { testDatabase } from '../support/postgres.ts';

describe('website-monitor targets', () => {
  let own: MigratedDatabase;
  before(async () => {
    own = await migratedDatabase();
  });
  beforeEach(() => emptyTables(own.psql));
  after(() => own.drop());

  const targets = (...args: string[]) =>
    runCommand({ args: ['targets', ...args], environment: { WEBSITE_MONITOR_DSN: own.dsn } });
  const stored = () => own.rows('SELECT id::text, url, enabled, version FROM monitored_targets ORDER BY id');

  describe('add', () => {
    it('adds, changes and keeps targets, and prints which', async () => {
      const url = 'https://example.org';
      expect(await targets('add', url, '--every=30s')).to.deep.equal({
        code: 0,
        stdout: 'added    https://example.org/\n',
        stderr: '',
      });
      expect((await targets('add', url)).stdout).to.equal('kept     https://example.org/\n');
      expect((await targets('add', url, '--every=5m')).stdout).to.equal('changed  https://example.org/\n');
    });

    it('never prints a query, and warns of a website that must be allowed before it is checked', async () => {
      const { code, stdout, stderr } = await targets('add', 'http://127.0.0.1:1/a?token=s3cret');
      expect({ code, stdout }).to.deep.equal({ code: 0, stdout: 'added    http://127.0.0.1:1/a?…\n' });
      expect(stderr)
        .to.match(/^note: http:.*--allow-private-targets 127\.0\.0\.1\/32$/m)
        .and.not.match(/s3cret/);
    });

    it('takes key, name and labels, identifies the target by key, and names another one with the same URL', async () => {
      const named = ['--key=shop', '--name=The shop', '--label', 'team=web', '--label=env=prod'];
      expect((await targets('add', 'https://example.org', ...named)).stdout).to.equal(
        'added    https://example.org/ [shop]\n',
      );
      const moved = await targets('add', 'https://example.com', '--key=shop');
      expect(moved.stdout).to.equal('changed  https://example.com/ [shop]\n');
      expect(await targets('add', 'https://example.com')).to.deep.equal({
        code: 0,
        stdout: 'added    https://example.com/\n',
        stderr: 'note: [shop] has this URL too: to change that target, add --key shop\n',
      });
      expect((await targets('list', '--label=team=web')).stdout).to.match(
        /^.*\n +1 +unknown .* The shop \[shop\] env=prod team=web {2}no recent check\n$/,
      );
    });

    it('knows a target that SQL inserted without the slash at the end', async () => {
      await own.psql.query("INSERT INTO monitored_targets (url) VALUES ('https://example.org')");
      for (const url of ['https://example.org', 'https://example.org/', 'EXAMPLE.org'])
        expect((await targets('add', url)).stdout).to.equal('kept     https://example.org/\n');
      expect((await stored()).map(({ url }) => url)).to.deep.equal(['https://example.org']);
    });

    it('suggests a URL if a key that looks like a host is not found', async () => {
      for (const command of ['remove', 'show'])
        expect((await targets(command, 'example.org')).stderr).to.equal(
          'website-monitor: target 1: not found: no target has this key; did you mean https://example.org?\n',
        );
    });

    it('explains in a sentence what the database refuses', async () => {
      const { code, stderr } = await targets('add', 'https://example.org', '--depends-on=none');
      expect({ code, stderr }).to.deep.equal({
        code: 1,
        stderr: 'website-monitor: depends_on must name a target that is there\n',
      });
    });

    it('refuses an invalid RE2 pattern, and exits with 2', async () => {
      const { code, stderr } = await targets('add', 'https://example.org', '--match=(?=a)');
      expect(code).to.equal(2);
      expect(stderr).to.match(/^website-monitor: --match: must be a pattern that RE2 accepts/);
      expect(await stored()).to.deep.equal([]);
    });

    it('creates the schema in an empty database', async () => {
      const empty = await testDatabase();
      const { code } = await runCommand({
        args: ['targets', 'add', 'https://example.org', '--dsn', empty.dsn],
      });
      await empty.drop();
      expect(code).to.equal(0);
    });
  });

  describe('list', () => {
    it('prints each target on a line, and as JSON everything that is not secret', async () => {
      await targets('add', 'https://example.org/?token=s3cret', '--every=90', '--bearer-token=s3cret');
      const shown = await targets('list');
      expect(shown.stdout).to.match(
        /^ +id +state +for +status +latency +every +target\n +1 +unknown +\d+ s +- +- +90s +https:\/\/example\.org\/ {2}no recent check\n$/,
      );
      const { stdout } = await targets('list', '--json');
      expect(JSON.parse(stdout)).to.include({
        id: '1',
        state: 'unknown',
        checkInterval: '00:01:30',
        url: 'https://example.org/',
      });
      expect(stdout).to.not.include('s3cret');
    });

    it('filters by part of the URL, ignoring case, and lists thousands', async () => {
      await own.psql.query(
        "INSERT INTO monitored_targets (url) SELECT 'https://h' || n FROM generate_series(1, 2500) AS n",
      );
      expect((await targets('list', '--url=H250')).stdout.split('\n')).to.have.length(4); // h250, h2500
      expect((await targets('list')).stdout.split('\n')).to.have.length(2502);
    });

    it('says that there are no targets, and what to do', async () => {
      const { code, stdout, stderr } = await targets('list');
      expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '' });
      expect(stderr).to.match(/^no targets: .*targets add/);
    });
  });

  describe('remove, enable and disable', () => {
    beforeEach(() => targets('add', 'https://one.example', 'https://two.example', 'https://three.example'));

    it('take ids, and URLs in any form in which they were inserted', async () => {
      await own.psql.query("UPDATE monitored_targets SET url = 'https://three.example' WHERE id = 3");
      const { code, stdout } = await targets('disable', '1', 'https://three.example');
      expect(code).to.equal(0);
      expect(stdout).to.equal(
        'disabled  1  GET https://one.example/\ndisabled  3  GET https://three.example\n',
      );
      expect((await stored()).map(({ enabled }) => enabled)).to.deep.equal([false, true, false]);
      expect((await targets('enable', '1', '2')).stdout).to.match(/^enabled {2}1 .*\nkept {5}2 .*\n$/);
      await targets('remove', '2', 'https://one.example/');
      expect((await stored()).map(({ id }) => id)).to.deep.equal(['3']);
    });

    it('take keys, and labels that narrow the named targets or, without names, all targets', async () => {
      await own.psql.query(
        `UPDATE monitored_targets SET labels = '{"team": "web"}', key = CASE id WHEN 1 THEN 'one' END,
           name = CASE id WHEN 2 THEN 'Two' END
         WHERE id < 3`,
      );
      expect((await targets('disable', 'one')).stdout).to.equal(
        'disabled  1  GET https://one.example/ [one]\n',
      );
      expect((await targets('disable', '--label=team=web')).stdout).to.equal(
        'kept      1  GET https://one.example/ [one]\ndisabled  2  Two\n',
      );
      expect((await targets('remove', '3', '--label=team=web')).code).to.equal(1);
      await targets('remove', '--label', 'team=web');
      expect((await stored()).map(({ id }) => id)).to.deep.equal(['3']);
    });

    it('edit the targets found, and exit with 1 if any name is not found', async () => {
      const { code, stdout, stderr } = await targets('remove', '99', '1', 'https://none.example/?a=s3cret');
      expect(code).to.equal(1);
      expect(stdout).to.equal('removed  1  GET https://one.example/\n');
      expect(stderr).to.equal('website-monitor: target 1: not found\nwebsite-monitor: target 3: not found\n');
    });

    it('refuse an invalid name, and exit with 2', async () => {
      const { code, stderr } = await targets('remove', '-1', 'example', '0');
      expect(code).to.equal(2);
      expect(stderr).to.match(/target 1: must be the id, key or URL of a target; targets list shows them/);
    });
  });

  describe('the database', () => {
    it('that lacks the schema or cannot be reached is reported with a remedy and exit code 1', async () => {
      const empty = await testDatabase();
      const without = await runCommand({ args: ['targets', 'list', '--dsn', empty.dsn] });
      await empty.drop();
      expect(without.code).to.equal(1);
      expect(without.stderr).to.match(
        /^website-monitor: relation .* does not exist .*website-monitor migrate\n$/,
      );
      const nobody = await runCommand({ args: ['status', '--dsn', 'postgres://u:s3cret@localhost:1/d'] });
      expect(nobody.code).to.equal(1);
      expect(nobody.stderr)
        .to.match(/ECONNREFUSED.*check that PostgreSQL is running there/)
        .and.not.match(/s3cret/);
    });
  });

  describe('show', () => {
    it('shows all about one target, by id, key or URL, without secrets', async () => {
      await targets('add', 'https://example.org/?token=s3cret', '--key=shop', '--bearer-token=s3cret');
      await own.psql.query(`
        INSERT INTO check_results (target_id, scheduled_at, started_at, outcome, target_version, http_status, total_us, cause, body_cut)
        VALUES (1, now(), '2026-01-02 03:04:05Z', 'down', 1, 503, 7000, 'http_status', false);
        INSERT INTO incidents (target_id, started_at, cause, detail)
        VALUES (1, now() - interval '2 h', 'http_status', 'the final status is 503')`);
      for (const name of ['1', 'shop', 'https://example.org/?token=s3cret']) {
        const { code, stdout } = await targets('show', name);
        expect(code, name).to.equal(0);
        expect(stdout).to.match(/^1 {2}https:\/\/example\.org\/ \[shop\]\ndown for 2 h 0 min: http_status\n/);
        expect(stdout).to.match(/^settings\n(.*\n)* {2}check_interval +00:01:00\n/m);
        expect(stdout).to.match(/^incidents\n.*\n.* now +http_status +the final status is 503\n/m);
        expect(stdout).to.match(
          /^last checks\n.*\n {2}2026-01-02 03:04:05Z +down +503 +7 ms +http_status\n/m,
        );
        expect(stdout).to.not.include('s3cret');
      }
      const { checks, incidents, ...shown } = JSON.parse((await targets('show', 'shop', '--json')).stdout);
      expect(shown).to.include({ id: '1', state: 'down', cause: 'http_status', httpStatus: 503 });
      expect(checks[0]).to.include({ outcome: 'down', totalUs: 7_000 });
      expect(incidents[0]).to.include({ endedAt: null, cause: 'http_status' });
    });

    it('exits with 1 if the target is not found', async () => {
      expect(await targets('show', '7')).to.deep.equal({
        code: 1,
        stdout: '',
        stderr: 'website-monitor: target 1: not found\n',
      });
    });
  });

  describe('a pipe', () => {
    it('that is closed early ends the command with 0', async () => {
      await own.psql.query(
        "INSERT INTO monitored_targets (url) SELECT 'https://h' || n FROM generate_series(1, 20000) AS n",
      );
      for (const args of ['list', 'list --json', 'export', 'export --format json']) {
        const { code, stdout, stderr } = await runShell(`monitor targets ${args} | head -n 1`, {
          WEBSITE_MONITOR_DSN: own.dsn,
        });
        expect({ code, stderr }, args).to.deep.equal({ code: 0, stderr: '' });
        expect(stdout.split('\n'), args).to.have.length(2);
      }
    });
  });
});
