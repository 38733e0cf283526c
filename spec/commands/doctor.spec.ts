import { expect } from 'chai';
import { checkAlerts } from '../../lib/commands/doctor/alerts.ts';
import { checkSchedule } from '../../lib/commands/doctor/database.ts';
import type { Examination } from '../../lib/commands/doctor/finding.ts';
import { checkResolver } from '../../lib/commands/doctor/machine.ts';
import { emptyAlerting } from '../support/alerting.ts';
import { runCommand } from '../support/command-process.ts';
import { killProcesses, launch, runMain } from '../support/main-process.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../support/migrated-database.ts';
import { testDatabase } from '../support/postgres.ts';
import { startReceiver } from '../support/receivers.ts';

interface Finding {
  readonly name: string;
  readonly level: string;
  readonly says: string;
  readonly remedy?: string;
}

describe('website-monitor doctor', () => {
  let own: MigratedDatabase;
  before(async () => {
    own = await migratedDatabase();
  });
  beforeEach(async () => {
    await emptyTables(own.psql);
    await emptyAlerting(own);
    await own.psql.query("INSERT INTO channels (name, url) VALUES ('ops', 'http://127.0.0.1:1/hook')");
    await own.psql.query("INSERT INTO monitored_targets (url) VALUES ('http://127.0.0.1:1/')");
  });
  afterEach(killProcesses);
  after(() => own.drop());

  const findings = async (dsn: string, ...args: string[]) => {
    const { code, stdout } = await runCommand({ args: ['doctor', '--json', '--dsn', dsn, ...args] });
    const found = stdout
      .trimEnd()
      .split('\n')
      .map((line): Finding => JSON.parse(line));
    return { code, found: new Map(found.map(finding => [finding.name, finding])) };
  };

  it('finds no problems, and receives its own notification', async () => {
    const { code, found } = await findings(own.dsn);
    const ofMachine = ['resolver']; // who runs the specs need not have a network
    for (const { name, level, says } of found.values())
      if (!ofMachine.includes(name)) expect({ name, level }, says).to.deep.equal({ name, level: 'ok' });
    expect([...found.keys()]).to.deep.equal([
      'runtime',
      'descriptors',
      'database',
      'connections',
      'schema',
      'listen',
      'clock',
      'schedule',
      'alerts',
      'resolver',
    ]);
    expect(found.get('listen')?.says).to.match(/^a notification came back in [\d.]+ ms$/);
    expect(code).to.equal(found.get('resolver')?.level === 'fail' ? 1 : 0);
  });

  it('suggests a fix for an unreachable database, hides its password, and exits with 1', async () => {
    const { code, found } = await findings('postgres://u:s3cret@localhost:1/d');
    expect(code).to.equal(1);
    expect(found.get('database')).to.include({ level: 'fail' });
    expect(JSON.stringify([...found.values()]))
      .to.include('ECONNREFUSED')
      .and.not.include('s3cret');
  });

  it('warns of a missing schema, and fails if the service may not migrate', async () => {
    const empty = await testDatabase();
    const [mended, left] = [await findings(empty.dsn), await findings(empty.dsn, '--no-migrate')];
    await empty.drop();
    expect(mended.found.get('schema')).to.include({ level: 'warn' });
    expect(left.found.get('schema')).to.include({ level: 'fail', remedy: 'run website-monitor migrate' });
    expect(left.code).to.equal(1);
  });

  it('warns about targets that no worker checks', async () => {
    await own.psql.query("UPDATE target_leases SET next_fire_at = now() - interval '2 min'");
    const { found } = await findings(own.dsn);
    expect(found.get('schedule')).to.deep.include({
      level: 'warn',
      says: '1 target is more than a minute late',
    });
  });

  it('says whose targets, on which host, find the slow lane full', async () => {
    await own.psql.query(
      "INSERT INTO monitored_targets (url) SELECT 'http://slow.test:81/' || n FROM generate_series(1, 3) AS n",
    );
    await own.psql.query(
      `INSERT INTO check_gaps (target_id, first_slot, last_slot, slots, reason)
       SELECT id, now(), now(), 2, 'slow_lane_full' FROM monitored_targets`,
    );
    const [{ me } = { me: '' }] = await own.rows<{ me: string }>('SELECT session_user AS me');
    const { level, says } = await checkSchedule({ database: own.database } as Examination);
    expect({ level, says }).to.deep.equal({
      level: 'warn',
      says: `slow checks found no place in the last ten minutes, most of targets made by ${me} on slow.test (6)`,
    });
  });

  it('warns while targets wait for a database clock that was set back, although none is late', async () => {
    await own.psql.query(
      "UPDATE target_leases SET next_fire_at = now() + check_interval + interval '59 min 59 s'",
    );
    const { found } = await findings(own.dsn);
    expect(found.get('schedule')).to.deep.include({
      level: 'warn',
      says: "the database's clock was set back by 59 min or more; targets wait until it has caught up",
      remedy: 'start the service, or restart it: it makes them due again at once',
    });
  });

  describe('on alerts', () => {
    const examine = (smtpUrl: string | null = null) =>
      checkAlerts({ database: own.database, config: { smtpUrl } } as Examination);
    const setQueue = (set: string) => own.psql.query(`UPDATE channel_queues SET ${set}`);

    it('suggests a channel if there is none, or none is enabled', async () => {
      await own.psql.query("UPDATE channels SET enabled = false, problem = 'status 410'");
      expect(await examine()).to.deep.include({
        level: 'warn',
        says: 'every channel is disabled, so no alerts are sent: status 410',
      });
      await own.psql.query('DELETE FROM channels');
      expect(await examine()).to.deep.equal({
        name: 'alerts',
        level: 'warn',
        says: 'there is no channel, so no alerts are sent',
        remedy: 'run website-monitor channels add NAME URL, or start the service with --alert URL',
      });
    });

    it('names a channel that fails, and one with dead letters', async () => {
      await own.psql.query(
        "INSERT INTO deliveries (channel_id, alert_id, subject, news, state) SELECT id, 1, 1, 'opened', 'dead' FROM channels",
      );
      expect((await examine()).says).to.equal('channel ops has 1 dead letter: given up, and never sent');
      await setQueue("failing_since = now() - interval '3 h', problem = 'status 503'");
      expect(await examine()).to.deep.include({
        says: 'channel ops has been failing for 3 h 0 min: status 503',
        remedy: 'run website-monitor channels show ops',
      });
    });

    it('warns of mail without a mail server', async () => {
      await own.psql.query("INSERT INTO channels (name, url) VALUES ('boss', 'mailto:b@example.org')");
      expect((await examine()).says).to.equal('channel boss needs --smtp-url, which is not set here');
      expect(await examine('smtp://mail.example.org')).to.deep.equal({
        name: 'alerts',
        level: 'ok',
        says: '2 channels, and nothing waits',
      });
    });

    it('sends a test message to each enabled channel on request', async () => {
      const receiver = await startReceiver();
      await own.psql.query(
        `INSERT INTO channels (name, url, enabled) VALUES ('good', '${receiver.origin}/s3cret', true), ('off', '${receiver.origin}', false)`,
      );
      const { stdout, code } = await runCommand({
        args: [
          ...['doctor', '--json', '--dsn', own.dsn],
          ...['--test-channels', '--allow-private-channels=127.0.0.1'],
        ],
      });
      const tested = stdout.split('\n').filter(line => line.includes('"channel"'));
      expect(tested.map(line => JSON.parse(line).level)).to.deep.equal(['ok', 'fail']);
      expect(tested[0]).to.match(/good \(http:..127\.0\.0\.1:\d+\/…\) accepted a test message after \d+ ms/);
      expect(tested[1]).to.match(/ops .* did not accept a test message: .*refused/);
      expect(code).to.equal(1);
      expect(receiver.received).to.have.length(2); // opened and resolved
      await receiver.close();
    });
  });

  it('warns of too few file descriptors for the configured number of checks', async () => {
    const { output, ended } = launch({
      args: ['doctor', '--dsn', own.dsn, '--worker-number=1000'],
      descriptorsMax: 256,
    });
    await ended;
    expect(output()).to.match(
      /^! warn {2}descriptors +256 file descriptors; .* need 6162\n +→ run ulimit -n 6162, or/m,
    );
  });

  it('does not blame its own example on the user if no target has a name', async () => {
    const names = (cause: 'dns_not_found' | 'resolver_unavailable') => () => ({
      resolve: async () => ({ kind: 'failed', cause, detail: 'none' }) as const,
      close: () => {},
    });
    const example = await checkResolver(null, names('dns_not_found'));
    expect(example).to.include({ level: 'warn', says: 'example.org (an example): dns_not_found: none' });
    expect(example.remedy).to.match(/^nothing, if this machine only checks names of its own network/);
    expect(await checkResolver(null, names('resolver_unavailable'))).to.include({ level: 'fail' });
    const given = await checkResolver('shop.example', names('dns_not_found'));
    expect(given.says).to.equal('shop.example: dns_not_found: none');
    expect(given.remedy).to.match(/^correct the URL/);
  });

  it('validates the whole configuration first, and exits with 2', async () => {
    const { code, output } = await runMain({ args: ['doctor', '--worker-number=0'] });
    expect(code).to.equal(2);
    expect(output).to.match(/^website-monitor: --worker-number: must be/);
  });
});
