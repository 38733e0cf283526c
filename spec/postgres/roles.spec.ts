import { expect } from 'chai';
import pg from 'pg';
import { addAlertChannels } from '../../lib/postgres/channels/add-alert-channels.ts';
import { connectDatabase, type Database } from '../../lib/postgres/database.ts';
import { migrate } from '../../lib/postgres/migrate.ts';
import { prepareDatabase } from '../../lib/postgres/prepare-database.ts';
import { statement } from '../../lib/sql/sql-file.ts';
import { createIdentity } from '../support/certificates.ts';
import { runCommand } from '../support/command-process.ts';
import { failureOf } from '../support/failure-of.ts';
import { createGate, type Gate } from '../support/gate.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { runMain, startWorker } from '../support/main-process.ts';
import { psqlLike, type TestDatabase, testDatabase } from '../support/postgres.ts';
import { applyRoles, openRoleLogins, PARTS, type Part, type RoleLogins } from '../support/role-logins.ts';
import { respond, type ScriptedWebsite, startScriptedWebsite } from '../support/scripted-website.ts';
import { checked, handDrivenWorker } from '../support/worker.ts';
import { startWorkerHere, stopWorkersHere, type WorkerHere } from '../support/worker-here.ts';

describe('sql/roles.sql', () => {
  let logins: RoleLogins;
  let ledger: Ledger;
  let sessions: Readonly<Record<Part, pg.Client>>;
  before(async () => {
    logins = await openRoleLogins();
    const owner = connectDatabase({ dsn: logins.dsnOf('owner'), poolSize: 1, applicationName: 'spec' });
    await migrate(owner);
    await owner.close();
    await applyRoles(logins.dsnOf('admin'));
    const clients = await Promise.all(PARTS.map(part => psqlLike(logins.dsnOf(part))));
    for (const client of clients) await client.query('SET search_path = website_monitor');
    sessions = Object.fromEntries(PARTS.map((part, index) => [part, clients[index]])) as typeof sessions;
    ledger = await openLedger({ dsn: logins.database.dsn, drop: async () => {} });
  });
  after(async () => {
    await Promise.all(Object.values(sessions).map(client => client.end()));
    await ledger.drop();
    await logins.drop();
  });

  /** 'allowed', or what is said instead; nothing stays of it. */
  const tried = async (part: Part, statement: string): Promise<string> => {
    const client = sessions[part];
    await client.query('BEGIN');
    try {
      await client.query(statement);
      return 'allowed';
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === '42501') return 'refused';
      throw error;
    } finally {
      await client.query('ROLLBACK');
    }
  };

  const ROWS: readonly (readonly [part: Part, outcome: 'allowed' | 'refused', statement: string])[] = [
    ['owner', 'allowed', 'ALTER TABLE monitored_targets ADD COLUMN more text'],
    ['owner', 'allowed', 'DROP SCHEMA website_monitor CASCADE'],
    ['owner', 'refused', 'CREATE SCHEMA another'],

    ['worker', 'allowed', 'SELECT * FROM monitored_targets'],
    ['worker', 'allowed', "UPDATE monitored_targets SET regex_breaches = 1, regex_problem = 'none'"],
    ['worker', 'allowed', 'SELECT ensure_partitions(9)'],
    ['worker', 'allowed', 'SELECT roll_up()'],
    ['worker', 'allowed', 'SELECT drop_old_partition(90)'],
    ['worker', 'allowed', 'INSERT INTO check_gaps VALUES (1, now(), now(), 1)'],
    ['worker', 'refused', 'DELETE FROM rollup_dirty'],
    ['worker', 'refused', 'UPDATE rollups_minute SET up = checks'],
    ['worker', 'refused', 'UPDATE rollup_progress SET kept_since = now()'],
    ['worker', 'refused', "UPDATE partitioned_tables SET kept = '1 d'"],
    ['worker', 'refused', "SELECT make_partition('check_results', now())"],
    ['worker', 'refused', "INSERT INTO monitored_targets (url) VALUES ('http://localhost/')"],
    ['worker', 'refused', "UPDATE monitored_targets SET url = 'http://localhost/'"],
    ['worker', 'refused', 'UPDATE monitored_targets SET enabled = false'],
    ['worker', 'refused', 'DELETE FROM monitored_targets'],
    ['worker', 'refused', 'TRUNCATE monitored_targets'],
    ['worker', 'refused', 'DELETE FROM target_leases'],
    ['worker', 'refused', "UPDATE target_leases SET check_interval = '1 s'"],
    ['worker', 'refused', "UPDATE check_results SET outcome = 'up', cause = NULL"],
    ['worker', 'refused', 'DELETE FROM check_results'],
    ['worker', 'refused', 'DELETE FROM check_results_default'],
    ['worker', 'refused', 'SELECT * FROM failure_log'],
    ['worker', 'refused', 'DELETE FROM failure_log'],
    ['worker', 'refused', 'DELETE FROM check_gaps'],
    ['worker', 'refused', 'UPDATE incidents SET started_at = now()'],
    ['worker', 'refused', 'DELETE FROM incidents'],
    ['worker', 'refused', 'DELETE FROM target_certificates'],
    ['worker', 'refused', 'INSERT INTO schema_migrations VALUES (9, $$$$, $$$$)'],
    ['worker', 'refused', 'CREATE TABLE another ()'],
    ['worker', 'refused', 'DROP TABLE check_results'],
    ['worker', 'refused', 'ALTER TABLE monitored_targets DISABLE TRIGGER ALL'],
    ['worker', 'refused', 'SELECT start_schedules(ARRAY[1])'],
    ['worker', 'refused', 'SELECT stop_schedules(ARRAY[1])'],
    ['worker', 'refused', 'SET ROLE website_monitor_owner'],
    ['worker', 'allowed', 'SELECT * FROM silences, maintenance_occurrences, maintenance_days'],
    ['worker', 'allowed', 'SELECT check_now(ARRAY[1])'],
    ['worker', 'allowed', 'SELECT count_maintenance()'],
    ['worker', 'refused', "INSERT INTO silences (name, everything) VALUES ('spec', true)"],
    ['worker', 'refused', 'UPDATE silences SET ended_at = now()'],
    ['worker', 'refused', 'UPDATE maintenance_days SET down = 0'],

    ['reader', 'allowed', 'SELECT * FROM check_results'],
    ['reader', 'allowed', 'SELECT * FROM check_gaps'],
    ['reader', 'allowed', 'SELECT * FROM failure_log'],
    ['reader', 'allowed', 'SELECT * FROM incidents'],
    ['reader', 'allowed', 'SELECT * FROM target_certificates'],
    ['reader', 'allowed', 'SELECT * FROM targets'],
    ['reader', 'allowed', 'SELECT * FROM target_states'],
    ['reader', 'allowed', 'SELECT * FROM uptime(now() - interval $$100 d$$, now())'],
    ['reader', 'allowed', 'SELECT * FROM latency(now() - interval $$100 d$$, now())'],
    ['reader', 'allowed', 'SELECT * FROM uptime_24h, latency_365d'],
    ['reader', 'allowed', 'SELECT * FROM rollups_minute, rollups_hour, rollups_day, rollups_month'],
    ['reader', 'refused', 'SELECT roll_up()'],
    ['reader', 'refused', 'SELECT drop_old_partition(1)'],
    ['reader', 'refused', 'SELECT * FROM monitored_targets'],
    ['reader', 'refused', 'SELECT url FROM monitored_targets'],
    ['reader', 'refused', 'SELECT target_as_json(monitored_targets) FROM monitored_targets'],
    ['reader', 'refused', 'SELECT * FROM lease_batches'],
    ['reader', 'refused', 'UPDATE target_leases SET next_fire_at = now()'],
    ['reader', 'refused', 'DELETE FROM lease_batches'],
    ['reader', 'refused', 'DELETE FROM check_results'],
    ['reader', 'refused', 'DELETE FROM failure_log'],
    ['reader', 'refused', 'DELETE FROM check_gaps'],
    ['reader', 'refused', 'UPDATE incidents SET ended_at = now()'],
    ['reader', 'refused', 'DELETE FROM target_certificates'],
    ['reader', 'refused', 'SELECT ensure_partitions(9)'],
    ['reader', 'allowed', 'SELECT * FROM silences, maintenance_occurrences, maintenance_days'],
    ['reader', 'allowed', 'SELECT one.* FROM silences, silence_occurrences(silences, now(), now()) AS one'],
    ['reader', 'refused', 'UPDATE silences SET ended_at = now()'],
    ['reader', 'refused', 'SELECT check_now(ARRAY[1])'],
    ['reader', 'refused', 'SELECT count_maintenance()'],
    ['reader', 'refused', 'CREATE TABLE another ()'],

    ['editor', 'allowed', "INSERT INTO monitored_targets (url) VALUES ('http://localhost/') RETURNING *"],
    ['editor', 'allowed', "UPDATE monitored_targets SET url = 'http://localhost/', regex_problem = NULL"],
    ['editor', 'allowed', 'UPDATE monitored_targets SET enabled = NOT enabled'],
    ['editor', 'allowed', 'DELETE FROM monitored_targets'],
    ['editor', 'refused', 'TRUNCATE monitored_targets'],
    ['editor', 'allowed', "INSERT INTO silences (name, everything) VALUES ('spec', true) RETURNING *"],
    ['editor', 'allowed', 'UPDATE silences SET ended_at = now()'],
    ['editor', 'allowed', 'DELETE FROM silences'],
    ['editor', 'allowed', 'SELECT check_now(ARRAY[1])'],
    ['editor', 'refused', 'SELECT count_maintenance()'],
    ['editor', 'refused', 'SELECT note_maintenance(silences, now(), true) FROM silences'],
    ['editor', 'refused', 'SELECT * FROM maintenance_days'],
    ['editor', 'refused', 'UPDATE maintenance_occurrences SET counted_at = NULL'],
    ['editor', 'refused', 'SELECT * FROM check_results'],
    ['editor', 'refused', 'DELETE FROM check_results'],
    ['editor', 'refused', 'SELECT * FROM target_leases'],
    ['editor', 'refused', 'UPDATE target_leases SET next_fire_at = now()'],
    ['editor', 'refused', 'DELETE FROM lease_batches'],
    ['editor', 'refused', 'UPDATE incidents SET ended_at = now()'],
    ['editor', 'refused', 'DELETE FROM target_certificates'],
    ['editor', 'refused', 'SELECT start_schedules(ARRAY[1])'],
    ['editor', 'refused', 'SELECT record_gaps_before(now(), ARRAY[1])'],
    ['editor', 'refused', 'SELECT ensure_partitions(9)'],
    ['editor', 'refused', 'SELECT roll_up()'],
    ['editor', 'refused', 'SELECT drop_old_partition(1)'],
    ['editor', 'refused', 'SELECT * FROM uptime_24h'],
    ['editor', 'refused', 'CREATE TABLE another ()'],
  ];

  describe('with targets, results and partitions there', () => {
    before(() =>
      sessions.editor.query(
        `INSERT INTO monitored_targets (url, enabled) VALUES ('http://127.0.0.1:1/', true), ('http://127.0.0.1:1/off', false);
         INSERT INTO silences (name, announced, everything) VALUES ('upgrade', true, true)`,
      ),
    );
    after(() => sessions.editor.query('DELETE FROM monitored_targets; DELETE FROM silences'));

    for (const [part, outcome, statement] of ROWS) {
      it(`${part}: ${outcome} ${statement}`, async () => {
        expect(await tried(part, statement)).to.equal(outcome);
      });
    }
  });

  it('leaves no function with the owner’s rights that looks types up in a temporary schema', async () => {
    const trusting = await ledger.rows(
      `SELECT oid::regprocedure::text FROM pg_proc
       WHERE pronamespace = 'website_monitor'::regnamespace AND prosecdef
         AND NOT 'search_path=pg_catalog, pg_temp' = ANY (coalesce(proconfig, '{}'))`,
    );
    expect(trusting).to.deep.equal([]);
  });

  it('does not let an editor run code with the owner’s rights through a type of its own', async () => {
    const { editor } = sessions;
    await editor.query(
      `BEGIN;
       CREATE FUNCTION pg_temp.reveal(timestamptz) RETURNS boolean LANGUAGE plpgsql
         AS $$ BEGIN RAISE EXCEPTION 'run as %', current_user; END $$;
       CREATE DOMAIN pg_temp.timestamptz AS pg_catalog.timestamptz CHECK (pg_temp.reveal(VALUE))`,
    );
    try {
      await editor.query("INSERT INTO monitored_targets (url) VALUES ('http://127.0.0.1:1/')");
    } finally {
      await editor.query('ROLLBACK');
    }
  });

  it('lets an editor run every command about channels and alerts, a reader list alerts, and a worker keep channels', async () => {
    const run = (part: Part, ...args: string[]) =>
      runCommand({ args, environment: { WEBSITE_MONITOR_DSN: logins.dsnOf(part) } });
    const url = 'https://hooks.example.org/s3cret';
    await ledger.rows(
      `INSERT INTO alerts (kind, state, started_at, incident_at, noticed_at, cause)
       VALUES ('down', 'open', now(), now(), now(), 'http_status')`,
    );
    const commands = [
      ...[`channels add ops ${url}`, 'channels edit ops --delay=5m', 'channels list', 'channels show ops'],
      ...['channels disable ops', 'channels enable ops', 'channels resend ops'],
      ...['alerts list', 'alerts show 1', 'alerts acknowledge 1 --by=Alex'],
    ];
    for (const command of commands)
      expect((await run('editor', ...command.split(' '))).code, command).to.equal(0);
    expect((await run('reader', 'alerts', 'list')).code).to.equal(0);
    expect((await run('reader', 'channels', 'list')).stderr).to.match(/permission denied .* grant it a role/);
    const worker = connectDatabase({ dsn: logins.dsnOf('worker'), poolSize: 1, applicationName: 'spec' });
    const add = (wanted: string) => addAlertChannels(worker, [{ url: wanted, kind: 'webhook' }], 'UTC');
    expect((await add(url))[0]).to.include({ name: 'ops', change: 'kept' });
    expect((await failureOf(add('https://other.example'))).message).to.equal(
      'permission denied for table channels',
    );
    await worker.close();
    expect((await run('editor', 'channels', 'remove', 'ops')).code).to.equal(0);
  });

  it('changes nothing when it is run again', async () => {
    const rights = () =>
      ledger.rows(
        `SELECT relname, relowner::regrole::text, relacl::text FROM pg_class
         WHERE relnamespace = 'website_monitor'::regnamespace ORDER BY relname`,
      );
    const before = await rights();
    await applyRoles(ledger.dsn); // as a superuser now
    expect(await rights()).to.deep.equal(before);
  });

  it('transfers a schema that an administrator created to the owner', async () => {
    const other = await testDatabase();
    const admin = new URL(logins.dsnOf('admin')).username;
    await ledger.psql.query(`ALTER DATABASE ${new URL(other.dsn).pathname.slice(1)} OWNER TO ${admin}`);
    const dsn = logins.dsnOf('admin', other.dsn);
    const database = connectDatabase({ dsn, poolSize: 1, applicationName: 'spec' });
    await migrate(database);
    await applyRoles(dsn);
    const others = await database.query(
      `SELECT * FROM (
         SELECT relname AS name, relowner AS owner FROM pg_class WHERE relnamespace = 'website_monitor'::regnamespace
         UNION ALL SELECT proname, proowner FROM pg_proc WHERE pronamespace = 'website_monitor'::regnamespace
         UNION ALL SELECT typname, typowner FROM pg_type WHERE typnamespace = 'website_monitor'::regnamespace
         UNION ALL SELECT nspname, nspowner FROM pg_namespace WHERE nspname = 'website_monitor'
       ) AS object WHERE owner <> 'website_monitor_owner'::regrole`,
    );
    await database.close();
    await other.drop();
    expect(others).to.deep.equal([]);
  });

  describe('where a login of one’s own made the schema', () => {
    const login = `spec_former_${process.pid}_${Date.now()}`;
    let other: TestDatabase;
    let former: Database;
    before(async () => {
      other = await testDatabase();
      await ledger.psql.query(
        `CREATE ROLE ${login} LOGIN PASSWORD 'spec';
         ALTER DATABASE ${new URL(other.dsn).pathname.slice(1)} OWNER TO ${login}`,
      );
      const dsn = new URL(other.dsn);
      dsn.username = login;
      dsn.password = 'spec';
      former = connectDatabase({ dsn: dsn.href, poolSize: 1, applicationName: 'spec', seesEveryRow: true });
      await prepareDatabase(former, { migrate: true, onWaiting: () => {} });
      await former.query(
        "INSERT INTO website_monitor.monitored_targets (url) VALUES ('http://localhost:1/')",
      );
    });
    after(async () => {
      await former.close();
      await other.drop();
      await ledger.psql.query(`DROP ROLE ${login}`);
    });

    it('refuses, with advice, if the workers of that login would lose their rights', async () => {
      await ledger.psql.query(`ALTER ROLE ${login} NOINHERIT`);
      const refusal = await failureOf(applyRoles(other.dsn));
      await ledger.psql.query(`ALTER ROLE ${login} INHERIT`);
      expect(refusal.message).to.include(login).and.include('lose their rights');
      expect(refusal).to.have.property('hint').that.includes(`ALTER ROLE ${login} INHERIT`);
      await prepareDatabase(former, { migrate: true, onWaiting: () => {} });
    });

    it('leaves the workers of that login working', async () => {
      const worker = handDrivenWorker(former);
      const { leases } = await worker.lease(1);
      await applyRoles(other.dsn);
      expect((await worker.record(leases.map(lease => checked(lease)))).recorded).to.have.length(1);
      await former.query("UPDATE website_monitor.monitored_targets SET url = 'http://localhost:2/'");
      expect((await worker.lease(1)).leases).to.have.length(1);
      await former.query(statement('roll-up'));
      await prepareDatabase(former, { migrate: true, onWaiting: () => {} });
      expect(worker.troubles).to.deep.equal([]);
    });
  });

  describe('a worker with the rights of website_monitor_worker', () => {
    let gate: Gate;
    let website: ScriptedWebsite;
    let secure: ScriptedWebsite;
    let status = 503;
    before(async () => {
      gate = createGate();
      website = await startScriptedWebsite({
        acts: {
          '/turning': (request, response) => respond({ status })(request, response),
          '/held': gate.behind(respond()),
          '*': respond({ body: 'a b c' }),
        },
      });
      secure = await startScriptedWebsite({
        acts: { '*': respond() },
        identity: createIdentity(['127.0.0.1']),
      });
    });
    afterEach(async () => {
      await stopWorkersHere();
    });
    after(async () => {
      await website.close();
      await secure.close();
    });

    const start = (flags: readonly string[] = ['--no-migrate']): Promise<WorkerHere> =>
      startWorkerHere(logins.dsnOf('worker'), ['--max-timeout=20', ...flags]);
    const insert = async (columns: Readonly<Record<string, unknown>>): Promise<string> => {
      const names = Object.keys(columns);
      const { rows } = await sessions.editor.query<{ id: string }>(
        `INSERT INTO monitored_targets (${names}) VALUES (${names.map((_, index) => `$${index + 1}`)}) RETURNING id`,
        Object.values(columns),
      );
      return rows[0]?.id ?? '';
    };
    // On a busy machine a slot may pass before a worker has it; what it may not do says something else.
    const told = (worker: WorkerHere) =>
      worker
        .log()
        .filter(({ level, message }) => level !== 'info' && !message.startsWith('slots were missed'));

    it('checks; records failures, incidents, gaps, certificates and patterns', async () => {
      const worker = await start();
      const turning = await insert({ url: `${website.origin}/turning`, check_interval: '1 s' });
      const broken = await insert({ url: website.origin, regex_pattern: '(', check_interval: '1 h' });
      const certified = await insert({ url: secure.origin, verify_tls: false, check_interval: '1 h' });

      await ledger.until('SELECT count(*) = 1 FROM incidents WHERE target_id = $1 AND ended_at IS NULL', [
        turning,
      ]);
      await ledger.until(
        "SELECT count(*) > 0 FROM failure_log WHERE target_id = $1 AND cause = 'http_status'",
        [turning],
      );
      status = 200;
      await ledger.until("SELECT count(*) > 0 FROM check_results WHERE target_id = $1 AND outcome = 'up'", [
        turning,
      ]);
      expect(await ledger.rows('SELECT FROM incidents WHERE ended_at IS NULL')).to.deep.equal([]);

      await ledger.psql.query(
        "UPDATE target_leases SET next_fire_at = next_fire_at - interval '10 s' WHERE monitored_target_id = $1",
        [turning],
      );
      await ledger.until('SELECT count(*) > 0 FROM check_gaps WHERE target_id = $1', [turning]);

      await ledger.until('SELECT regex_problem IS NOT NULL FROM monitored_targets WHERE id = $1', [broken]);
      await ledger.until('SELECT count(*) = 1 FROM target_certificates WHERE target_id = $1', [certified]);
      expect(told(worker).filter(({ message }) => /could not|cannot/.test(message))).to.deep.equal([]);
      worker.signal('SIGTERM');
      expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    });

    it('shows each target in its metrics', async () => {
      await insert({ url: `${website.origin}/shown`, check_interval: '1 h' });
      const worker = await start(['--no-migrate', '--http-port=0', '--max-scraped-targets=10']);
      expect(await worker.get('/metrics/targets')).to.match(
        /^200 .*\nwebsite_monitor_target_known\{.*\/shown"\} /s,
      );
    });

    it('creates partitions without the right to create objects', async () => {
      const [{ partition } = {}] = await ledger.rows<{ partition: string }>(
        "SELECT 'check_results_' || to_char((now() AT TIME ZONE 'UTC') + interval '7 days', 'YYYYMMDD') AS partition",
      );
      await sessions.owner.query(`DROP TABLE ${partition}`);
      await start();
      const [row] = await ledger.rows(
        'SELECT relowner::regrole::text AS owner FROM pg_class WHERE relname = $1',
        [partition],
      );
      expect(row).to.deep.equal({ owner: 'website_monitor_owner' });
    });

    it('rolls up, and drops old rows, without the right to delete', async () => {
      await ledger.psql.query(
        `INSERT INTO check_results (target_id, scheduled_at, started_at, outcome, target_version, total_us, body_cut)
         SELECT 1, slot, slot, 'up', 1, 1000, false FROM unnest(ARRAY[now() - interval '50 d', now() - interval '2 h']) AS slot;
         UPDATE rollup_progress SET closed_until = date_trunc(size, now() - interval '1 d', 'UTC') WHERE made_of IS NOT NULL`,
      );
      const worker = await start(['--no-migrate', '--retention=45']);
      expect(await worker.logged(/^old partitions were dropped$/)).to.include({ partitions: 1 });
      expect(await ledger.rows("SELECT FROM check_results WHERE scheduled_at < now() - interval '3 h'")).to.be
        .empty;

      await insert({ url: website.origin, check_interval: '1 s' });
      // Asked anew with each check that it records
      await ledger.until('SELECT count(*) > 0 FROM rollups_hour WHERE up = 1');
      expect(told(worker)).to.deep.equal([]);
    });

    it('takes over the slots of a dead worker', async () => {
      const dead = await startWorker(logins.dsnOf('worker'), ['--max-timeout=20', '--no-migrate']);
      const held = website.nextRequest();
      const id = await insert({ url: `${website.origin}/held`, check_interval: '1 h' });
      await held;
      dead.signal('SIGKILL');
      await dead.ended;
      await ledger.psql.query('UPDATE lease_batches SET expires_at = now()');
      gate.open();
      await start();
      await ledger.until("SELECT count(*) = 1 FROM check_results WHERE target_id = $1 AND outcome = 'up'", [
        id,
      ]);
    });

    it('starts without --no-migrate, too, if no migration is pending', async () => {
      const worker = await start([]);
      expect(told(worker)).to.deep.equal([]);
    });

    it('rejects URLs on its command line, because only an editor may add targets', async () => {
      const { code, output } = await runMain({
        args: ['--logging-type=prod', '--http-port=off', `--dsn=${logins.dsnOf('worker')}`, website.origin],
      });
      expect(output).to.include('permission denied for table monitored_targets');
      expect(code).to.equal(1);
    });
  });
});
