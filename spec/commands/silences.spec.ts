import { expect } from 'chai';
import { runCommand } from '../support/command-process.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../support/migrated-database.ts';

describe('website-monitor silences and maintenance', () => {
  let own: MigratedDatabase;
  before(async () => {
    own = await migratedDatabase();
  });
  beforeEach(async () => {
    await emptyTables(own.psql);
    await own.psql.query(
      `INSERT INTO monitored_targets (url, key, labels) VALUES
         ('https://a.example', 'a', '{"team": "web"}'), ('https://b.example', 'b', '{"team": "web"}'), ('https://c.example', 'c', '{}')`,
    );
  });
  after(() => own.drop());

  const run = (...args: string[]) => runCommand({ args, environment: { WEBSITE_MONITOR_DSN: own.dsn } });
  const berlin = ['--time-zone', 'Europe/Berlin'];
  const stored = async () => (await own.rows('SELECT * FROM silences'))[0] as Record<string, unknown>;

  it('add silences targets from now on, and says until when and how many', async () => {
    const { code, stdout, stderr } = await run(
      'silences',
      'add',
      'deploy',
      '--label=team=web',
      '--for=2h',
      ...berlin,
    );
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).to.match(
      /^added {2}1 {2}deploy {2}until \d{4}-\d\d-\d\d \d\d:\d\d \(Europe\/Berlin\) {2}covers 2 targets\n$/,
    );
    const [row] = await own.rows(
      `SELECT announced, labels, keys, everything, ends_at - starts_at = '2 h' AS lasts, starts_at > now() - interval '1 min' AS now FROM silences`,
    );
    expect(row).to.deep.equal({
      announced: false,
      labels: { team: 'web' },
      keys: [],
      everything: false,
      lasts: true,
      now: true,
    });
  });

  it('add without an end lasts until it is ended; by keys', async () => {
    const { stdout } = await run('silences', 'add', 'trouble', '--key=a', '--key', 'c', ...berlin);
    expect(stdout).to.equal('added  1  trouble  until it is ended (Europe/Berlin)  covers 2 targets\n');
    expect(await run('silences', 'end', 'trouble')).to.deep.equal({
      code: 0,
      stdout: 'ended  1  trouble\n',
      stderr: '',
    });
    expect((await stored()).ended_at).to.be.a('date');
  });

  it('add takes times in the zone, also where the clocks change, and with an offset', async () => {
    const between = ['--from', '2030-03-31 01:00', '--until', '2030-03-31 04:00'];
    const { stdout } = await run('maintenance', 'add', 'move', '--everything', ...between, ...berlin);
    expect(stdout).to.equal(
      'added  1  move  next 2030-03-31 01:00 to 04:00 (Europe/Berlin)  covers 3 targets\n',
    );
    const { starts_at: startsAt, ends_at: endsAt, announced } = await stored();
    expect({ startsAt, endsAt, announced }).to.deep.equal({
      startsAt: new Date('2030-03-31T00:00Z'),
      endsAt: new Date('2030-03-31T02:00Z'),
      announced: true,
    });
    await run(
      'maintenance',
      'add',
      'move',
      '--everything',
      '--from=2030-03-31T01:00+05:30',
      '--for=1d',
      ...berlin,
    );
    const [row] = await own.rows('SELECT starts_at, ends_at FROM silences WHERE id = 2');
    expect(row).to.deep.equal({
      starts_at: new Date('2030-03-30T19:30Z'),
      ends_at: new Date('2030-03-31T19:30Z'),
    });
  });

  it('add takes days of the week, or of the month', async () => {
    const at = ['--at=02:00', '--for=2h', '--from', '2030-01-01 00:00', ...berlin];
    const weekly = await run('maintenance', 'add', 'weekly', '--label=team=web', '--weekly=mon,tue', ...at);
    expect(weekly.stdout).to.equal(
      'added  1  weekly  next 2030-01-01 02:00 to 04:00 (Europe/Berlin)  covers 2 targets\n',
    );
    const monthly = await run('maintenance', 'add', 'monthly', '--key=a', '--monthly', '30,-1', ...at);
    expect(monthly.stdout).to.match(/next 2030-01-30 02:00 to 04:00 .* covers 1 target\n$/);
    const rows = await own.rows(
      'SELECT weekdays, month_days, start_time, duration::text, time_zone FROM silences ORDER BY id',
    );
    const shared = { start_time: '02:00:00', duration: '02:00:00', time_zone: 'Europe/Berlin' };
    expect(rows).to.deep.equal([
      { weekdays: [1, 2], month_days: null, ...shared },
      { weekdays: null, month_days: [30, -1], ...shared },
    ]);
  });

  it('add notes that no target is covered, and explains what the database refuses', async () => {
    const { code, stderr } = await run('silences', 'add', 'a', '--key=none', '--for=1h');
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: 'note: it covers no target now\n' });
    const refused = await run('silences', 'add', 'a', '--key=a', '--until', '2020-01-01 00:00');
    expect(refused).to.include({ code: 1, stderr: 'website-monitor: ends_at must be after starts_at\n' });
    const long = await run('silences', 'add', 'a', '--key=a', '--weekly=mon', '--at=02:00', '--for=8d');
    expect(long.stderr).to.equal('website-monitor: duration must be from 1 minute to 7 days\n');
  });

  it('list shows what is on, then what comes next, each kind apart, and not what is over', async () => {
    await own.psql.query(
      `INSERT INTO silences (name, everything, starts_at, ends_at) VALUES
         ('later', true, '2040-01-01 12:00Z', NULL), ('over', true, now() - interval '2 h', now() - interval '1 h'),
         ('sooner', true, '2030-01-01 12:00Z', '2030-01-02 12:00Z');
       INSERT INTO silences (name, labels, keys) VALUES ('on', '{"team": "web"}', '{c}');
       INSERT INTO silences (name, announced, everything, starts_at, weekdays, start_time, duration, time_zone)
       VALUES ('nightly', true, true, '2031-01-01 00:00Z', '{1,2,3,4,5,6,7}', '23:30', '1 h', 'Asia/Tokyo')`,
    );
    const { stdout } = await run('silences', 'list', ...berlin);
    expect(stdout.split('\n').map(line => line.trim().replace(/ {2,}/g, ' | '))).to.deep.equal([
      'id | name | now | next | time zone | recurs | targets',
      '4 | on | until it is ended | - | Europe/Berlin | once | team=web [c]',
      '3 | sooner | - | 2030-01-01 13:00 to 2030-01-02 13:00 | Europe/Berlin | once | all',
      '1 | later | - | 2040-01-01 13:00, until it is ended | Europe/Berlin | once | all',
      '',
    ]);
    const nightly = (await run('maintenance', 'list')).stdout.split('\n')[1];
    expect(nightly?.trim().replace(/ {2,}/g, ' | ')).to.equal(
      '5 | nightly | - | 2031-01-01 23:30 to 2031-01-02 00:30 | Asia/Tokyo | daily at 23:30 | all',
    );
  });

  it('list prints JSON for programs, with times in UTC', async () => {
    await run(
      'maintenance',
      'add',
      'update',
      '--key=a',
      '--monthly=1,-1',
      '--at=02:00',
      '--for=2h',
      '--from',
      '2030-01-01 12:00',
      ...berlin,
    );
    const { stdout } = await run('maintenance', 'list', '--json');
    expect(JSON.parse(stdout)).to.deep.include({
      id: '1',
      name: 'update',
      keys: ['a'],
      monthDays: [1, -1],
      weekdays: null,
      startTime: '02:00',
      duration: '02:00:00',
      timeZone: 'Europe/Berlin',
      startsAt: '2030-01-01T11:00:00.000Z',
      endsAt: null,
      isOn: false,
      until: null,
      next: '2030-01-31T01:00:00.000Z',
      nextUntil: '2030-01-31T03:00:00.000Z',
    });
  });

  it('list says that there is nothing, and what to do', async () => {
    for (const group of ['silences', 'maintenance']) {
      const { code, stdout, stderr } = await run(group, 'list');
      expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '' });
      expect(stderr).to.match(new RegExp(`^no ${group}.*${group} add --help\n$`));
    }
  });

  it('end takes ids and names of its own kind, and exits with 1 if one is not found or over', async () => {
    await run('silences', 'add', 'deploy', '--key=a');
    await run('silences', 'add', 'deploy', '--key=b');
    await run('maintenance', 'add', 'deploy', '--key=b');
    const { code, stdout, stderr } = await run('silences', 'end', '1', '3', 'none');
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: 'ended  1  deploy\n' });
    expect(stderr).to.equal(
      'website-monitor: name 2: not found, or over already\nwebsite-monitor: name 3: not found, or over already\n',
    );
    expect((await run('silences', 'end', 'deploy')).stdout).to.equal('ended  2  deploy\n');
    expect((await run('maintenance', 'end', 'deploy')).stdout).to.equal('ended  3  deploy\n');
  });
});
