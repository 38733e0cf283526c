import { expect } from 'chai';
import { readStatus } from '../../lib/postgres/reports/read-status.ts';
import { listTargets } from '../../lib/postgres/targets/read-targets.ts';
import { runCommand } from '../support/command-process.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../support/migrated-database.ts';

/** Targets as they are after some minutes: a worker has leased all but one of them until a moment ago. */
const MINUTES_OF_CHECKS = `
  INSERT INTO monitored_targets (url, check_interval, enabled)
  SELECT 'https://' || name || '.example/?s3cret', '60 s', name <> 'off'
  FROM unnest(ARRAY['up', 'down', 'ours', 'new', 'left', 'off', 'was-down']) AS name;
  INSERT INTO check_results (target_id, scheduled_at, started_at, outcome, target_version, total_us, cause, body_cut)
  SELECT id, now() - n * interval '1 min', now() - n * interval '1 min', outcome, 1, us,
    CASE outcome WHEN 'down' THEN 'http_status' WHEN 'unknown' THEN 'regex_timeout' END::check_cause, false
  FROM monitored_targets
  JOIN (VALUES ('up', 'up', 20000), ('down', 'down', 5000), ('ours', 'unknown', 5000), ('left', 'up', 90000),
    ('was-down', 'unknown', 5000)) AS seen (name, word, us) ON url = 'https://' || seen.name || '.example/?s3cret'
  CROSS JOIN LATERAL (SELECT word::check_outcome AS outcome) AS typed
  CROSS JOIN generate_series(1, 4) AS n;
  INSERT INTO incidents (target_id, started_at, cause, detail)
  SELECT id, now() - interval '70 min', 'http_status', 'the final status is 503'
  FROM monitored_targets WHERE url ~ 'down';
  INSERT INTO check_gaps (target_id, first_slot, last_slot, slots)
  SELECT id, now() - interval '30 min', now() - interval '29 min', 2 FROM monitored_targets WHERE url ~ '//up';
  UPDATE target_leases SET next_fire_at = now() + interval '30 s';
  UPDATE target_leases SET next_fire_at = now() - interval '150 s'
  WHERE monitored_target_id = (SELECT id FROM monitored_targets WHERE url ~ 'left')`;

interface Named {
  readonly url: string;
}

describe('website-monitor status', () => {
  let own: MigratedDatabase;
  before(async () => {
    own = await migratedDatabase();
  });
  beforeEach(() => emptyTables(own.psql));
  after(() => own.drop());

  const status = (...args: string[]) =>
    runCommand({ args: ['status', ...args], environment: { WEBSITE_MONITOR_DSN: own.dsn } });
  const names = (rows: readonly Named[]) => rows.map(({ url }) => /https:\/\/(.+)\.example/.exec(url)?.[1]);

  it('counts only targets that are checked and up as up, and those that no worker checks as unknown', async () => {
    await own.psql.query(MINUTES_OF_CHECKS);
    const read = JSON.parse((await status('--json')).stdout);
    expect(read.targets).to.deep.equal({ up: 1, slow: 0, down: 2, unknown: 3, disabled: 1 });
    expect(names(read.down)).to.have.members(['down', 'was-down']);
    expect(names(read.unknown)).to.deep.equal(['left', 'ours', 'new']);
    expect(names(read.slowest)).to.deep.equal(['left', 'up']);
    expect(read.slots).to.deep.equal({ up: 8, down: 4, unknown: 8, missed: 2 + 3 });
  });

  it('shows which of those that are up are slow', async () => {
    await own.psql.query(MINUTES_OF_CHECKS);
    await own.psql.query(
      `INSERT INTO conditions (kind, target_id, cause, detail, since, ended_at)
       SELECT 'slow', id, 'slow', 'three checks took long', now() - interval '10 min', CASE WHEN url ~ 'left' THEN now() END
       FROM monitored_targets WHERE url ~ '//(up|down|left)'`,
    );
    const { stdout } = await status();
    expect(stdout).to.match(/^now +1 up \(1 slow\), 2 down, 3 unknown, 1 disabled$/m);
    expect(stdout).to.match(/^slow\n.*\n +1 +10 min +three checks took long +https:\/\/up\.example/m);
    const read = JSON.parse((await status('--json')).stdout);
    expect([read.targets.slow, names(read.slow), read.slow[0].detail]).to.deep.equal([
      1,
      ['up'],
      'three checks took long',
    ]);
    await own.psql.query('TRUNCATE conditions');
  });

  it('prints the same for people, with coverage and downtime, and without URL queries', async () => {
    await own.psql.query(MINUTES_OF_CHECKS);
    const { code, stdout } = await status();
    expect(code).to.equal(0);
    expect(stdout).to.match(/^now +1 up, 2 down, 3 unknown, 1 disabled$/m);
    expect(stdout).to.match(
      /^last 1d .*32\.00 % up, 16\.00 % down, 52\.00 % unknown; coverage 48\.00 % of 25 slots \(5 missed\)$/m,
    );
    expect(stdout).to.match(/^ +2 +1 h 10 min +http_status +https:\/\/down\.example\/$/m);
    expect(stdout).to.match(/^ +3 .* regex_timeout +https:\/\/ours\.example\/$/m);
    expect(stdout).to.match(/^ +5 .* no worker checks it +https:\/\/left\.example\/$/m);
    expect(stdout).to.match(/^ +4 +\d+ s +no recent check +https:\/\/new\.example\/$/m);
    expect(stdout).to.match(/^ +5 +90 ms +90 ms +https:\/\/left\.example\/$/m);
    expect(stdout).to.not.include('s3cret').and.not.include('\x1b');
  });

  it('reports only targets with the given labels, by name', async () => {
    await own.psql.query(MINUTES_OF_CHECKS);
    await own.psql.query(
      `UPDATE monitored_targets SET name = 'Front page', key = 'front', labels = '{"team": "web"}' WHERE id = 2`,
    );
    const { stdout } = await status('--label=team=web');
    expect(stdout).to.match(/^now +0 up, 1 down, 0 unknown, 0 disabled$/m);
    expect(stdout).to.match(/^ +2 +1 h 10 min +http_status +Front page \[front\] team=web$/m);
    const { down, slots } = JSON.parse((await status('--label=team=web', '--json')).stdout);
    expect(down[0]).to.include({ id: '2', key: 'front', name: 'Front page' });
    expect(slots).to.deep.equal({ up: 0, down: 4, unknown: 0, missed: 0 });
  });

  it('does not blame the cause of its last check on a target that no worker checks', async () => {
    await own.psql.query(MINUTES_OF_CHECKS);
    await own.psql.query("UPDATE target_leases SET next_fire_at = now() - interval '10 min'");
    const { stdout } = await status();
    expect(stdout).to.match(/^ +3 .* no worker checks it +https:\/\/ours\.example\/$/m);
    expect(stdout).to.not.include('regex_timeout');
  });

  it('says that nothing is checked while targets wait for a database clock that was set back', async () => {
    await own.psql.query(MINUTES_OF_CHECKS);
    await own.psql.query(
      "UPDATE target_leases SET next_fire_at = now() + check_interval + interval '59 min 59 s'",
    );
    const { stdout } = await status();
    expect(stdout).to.match(/^ +not checked: the database's clock was set back by 59 min; start a worker$/m);
    const { clockBehindS } = JSON.parse((await status('--json')).stdout);
    expect(clockBehindS).to.be.within(3_500, 3_600);
  });

  it('is what targets list shows of each target, with its last check and the cause', async () => {
    await own.psql.query(MINUTES_OF_CHECKS);
    await own.psql.query(
      "INSERT INTO monitored_targets (url) SELECT 'https://new.example/' FROM generate_series(1, 3)",
    );
    const { stdout } = await runCommand({
      args: ['targets', 'list'],
      environment: { WEBSITE_MONITOR_DSN: own.dsn },
    });
    const lines = stdout.trimEnd().split('\n').slice(1);
    expect(
      lines.map(line =>
        line
          .replace(/ +\d+ s(?= )/, ' …')
          .replace(/ {2,}/g, ' ')
          .trim(),
      ),
    ).to.deep.equal([
      '1 up … - 20 ms 1m https://up.example/',
      '2 down 1 h 10 min - 5 ms 1m https://down.example/ http_status',
      '3 unknown 1 min - 5 ms 1m https://ours.example/ regex_timeout',
      '4 unknown … - - 1m https://new.example/ no recent check',
      '5 unknown 2 min - - 1m https://left.example/ no worker checks it',
      '6 disabled … - - 1m https://off.example/',
      '7 down 1 h 10 min - 5 ms 1m https://was-down.example/ regex_timeout',
      ...[8, 9, 10].map(id => `${id} unknown … - - 1m https://new.example/ no recent check`),
    ]);
  });

  describe('of a target', () => {
    // Every 60 s or every day, checked a moment ago, unless a row says otherwise
    for (const [state, reason, change] of [
      ['up', 'it was checked and is up', 'SELECT'],
      [
        'down',
        'its last check is down, though no incident was opened',
        "UPDATE check_results SET outcome = 'down', cause = 'http_status'",
      ],
      [
        'down',
        'an incident is open, though its last check is up',
        "INSERT INTO incidents VALUES (1, now(), NULL, 'http_status', '')",
      ],
      [
        'up',
        'its last check is as old as the next one may take',
        "UPDATE check_results SET scheduled_at = now() - interval '170 s'",
      ],
      [
        'unknown',
        'its last check is older',
        "UPDATE check_results SET scheduled_at = now() - interval '190 s'",
      ],
      [
        'unknown',
        'its slot was due a minute ago',
        "UPDATE target_leases SET next_fire_at = now() - interval '61 s'",
      ],
      [
        'unknown',
        'its slot was due a minute ago, though it is daily',
        "UPDATE monitored_targets SET check_interval = '1 d'; UPDATE target_leases SET next_fire_at = now() - interval '61 s'",
      ],
      ['disabled', 'it is paused', 'UPDATE monitored_targets SET enabled = false'],
    ] as const) {
      it(`is ${state} if ${reason}, as in targets list and in SQL`, async () => {
        await own.psql.query(`INSERT INTO monitored_targets (url) VALUES ('https://one.example/');
          INSERT INTO check_results (target_id, scheduled_at, started_at, outcome, target_version, total_us, body_cut)
          VALUES (1, now(), now(), 'up', 1, 1, false);
          UPDATE target_leases SET next_fire_at = now() + interval '30 s'`);
        await own.psql.query(change);
        const { targets } = await readStatus(own.database, { lastMs: 1, rowsMax: 1, withLabels: {} });
        expect(targets).to.deep.equal({ up: 0, slow: 0, down: 0, unknown: 0, disabled: 0, [state]: 1 });
        const listed = await listTargets(own.database, { urlPart: null, labels: {} }).next();
        expect(listed.value?.[0]).to.include({ state });
        expect(await own.rows('SELECT state FROM target_states')).to.deep.equal([{ state }]);
      });
    }

    it('counts neither a pause nor the time before an edit as up', async () => {
      await own.psql.query(`INSERT INTO monitored_targets (url) VALUES ('https://one.example/');
        INSERT INTO incidents VALUES (1, now() - interval '3 h', now() - interval '2 h', 'http_status', '');
        INSERT INTO check_results (target_id, scheduled_at, started_at, outcome, target_version, total_us, body_cut)
        VALUES (1, now(), now(), 'up', 1, 1, false)`);
      const [row] = await own.rows<{ same: boolean }>(
        `SELECT since = updated_at AS same FROM target_states JOIN targets ON id = target_id`,
      );
      expect(row?.same).to.equal(true);
    });
  });

  it('honours --last and the limit of rows', async () => {
    await own.psql.query(MINUTES_OF_CHECKS);
    const { slots, down, targets } = JSON.parse((await status('--json', '--last=150s', '--limit=1')).stdout);
    expect(slots).to.deep.equal({ up: 4, down: 2, unknown: 4, missed: 3 });
    expect(down).to.have.length(1);
    expect(targets.down).to.equal(2);
    expect((await status('--limit=1')).stdout).to.match(/^down \(1 of 2\)$/m);
  });

  it('reports a database without targets', async () => {
    expect(await status()).to.deep.equal({
      code: 0,
      stdout: 'now        0 up, 0 down, 0 unknown, 0 disabled\nlast 1d    no slots were due\n',
      stderr: 'no targets: add one with website-monitor targets add URL\n',
    });
  });
});
