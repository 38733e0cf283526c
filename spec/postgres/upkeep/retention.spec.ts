import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import type pg from 'pg';
import { firstValueFrom } from 'rxjs';
import sinon from 'sinon';
import { keepPartitions } from '../../../lib/postgres/upkeep/keep-partitions.ts';
import { sqlPath } from '../../../lib/sql/sql-file.ts';
import { type MigratedDatabase, migratedDatabase, setGridsApart } from '../../support/migrated-database.ts';
import { psqlLike, testDatabase } from '../../support/postgres.ts';
import { rollUpAll } from '../../support/rollups.ts';
import { checked, handDrivenWorker } from '../../support/worker.ts';

/** One check of target 1, and a failure, at noon (UTC) so many days ago, wherever they belong. */
const ENTER_DAY = `
  WITH noon AS (SELECT date_trunc('day', now(), 'UTC') - $1::integer * interval '24 h' + interval '12 h' AS slot),
  checked AS (
    INSERT INTO website_monitor.check_results (target_id, scheduled_at, started_at, outcome, cause, target_version, total_us, body_cut)
    SELECT 1, slot, slot, 'down', 'http_status', 1, 1000, false FROM noon
  )
  INSERT INTO website_monitor.failure_log (target_id, scheduled_at, cause, detail, worker, target_snapshot)
  SELECT 1, slot, 'http_status', '', 'spec', '{}' FROM noon`;

describe('history', () => {
  let db: MigratedDatabase;
  beforeEach(async () => {
    db = await migratedDatabase();
    await db.psql.query("SET TimeZone = 'Asia/Kolkata'"); // whose days are not UTC's
  });
  afterEach(() => db.drop());

  const enterDays = async (...daysAgo: number[]) => {
    for (const days of daysAgo) await db.psql.query(ENTER_DAY, [days]);
    await db.psql.query('SELECT ensure_partitions(7)');
  };
  const setProgress = (closedUntil: string) =>
    db.psql.query(
      `UPDATE rollup_progress SET closed_until = date_trunc(size, ${closedUntil}, 'UTC') WHERE made_of IS NOT NULL`,
    );
  /** Calls as long as there was something to drop; how often that was. */
  const dropAll = async (days: number, by: pg.Client = db.psql): Promise<number> => {
    for (let dropped = 0; ; dropped++) {
      const { rows } = await by.query('SELECT website_monitor.drop_old_partition($1) AS more', [days]);
      if (!rows[0].more) return dropped;
    }
  };
  const daysOf = async (table: string): Promise<number[]> => {
    const rows = await db.rows<{ days: number }>(
      `SELECT (now() AT TIME ZONE 'UTC')::date - (scheduled_at AT TIME ZONE 'UTC')::date AS days FROM ${table} ORDER BY 1`,
    );
    return rows.map(({ days }) => days);
  };
  const partitionsOf = async (table: string): Promise<string[]> => {
    const rows = await db.rows<{ name: string }>(
      'SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::regclass ORDER BY 1',
      [table],
    );
    return rows.map(({ name }) => name);
  };

  it('goes into partitions of its day, month or year, whatever its age; they are made ahead', async () => {
    await enterDays(0, 3, 40, 300);
    await db.psql.query(
      `INSERT INTO check_gaps SELECT 1, now() - months * interval '720 h', now(), 2 FROM generate_series(0, 12) AS months;
       INSERT INTO rollups_minute (target_id, bucket) SELECT 1, now() - days * interval '24 h' FROM generate_series(0, 20) AS days;
       INSERT INTO rollups_hour SELECT * FROM rollups_minute; INSERT INTO rollups_day SELECT * FROM rollups_minute`,
    );
    await db.psql.query('SELECT ensure_partitions(7)');
    const parents = await db.rows<{ parent: string; size: string }>('TABLE partitioned_tables');
    expect(parents).to.have.length(7);
    for (const { parent, size } of parents) {
      expect(await db.rows(`SELECT FROM ${parent}_default`), parent).to.deep.equal([]);
      const [ahead] = await db.rows<{ name: string }>(
        "SELECT partition_name($1, $2, bucket_of($2, now() + interval '168 h')) AS name",
        [parent, size],
      );
      expect(await partitionsOf(parent)).to.include(ahead?.name);
    }
    expect(await daysOf('check_results')).to.deep.equal([0, 3, 40, 300]);
  });

  it('fills the pages of the keys of what is raw, in every partition', async () => {
    await enterDays(300);
    const keys = await db.rows<{ of: string; isRaw: boolean; settings: string[] | null }>(
      `SELECT indrelid::regclass::text AS of, is_raw AS "isRaw", reloptions AS settings
       FROM partitioned_tables JOIN pg_inherits ON inhparent = parent::regclass
       JOIN pg_index ON indrelid = inhrelid AND indisprimary JOIN pg_class ON pg_class.oid = indexrelid`,
    );
    expect(keys).to.have.length.above(7 * 2);
    for (const { of, isRaw, settings } of keys)
      expect(settings, of).to.deep.equal(isRaw ? ['fillfactor=100'] : null);
  });

  it('is dropped by whole days, results and failures alike, once all of a day is older than the limit', async () => {
    await enterDays(0, 1, 29, 30, 31, 90);
    await setProgress('now()');
    expect(await dropAll(30)).to.equal(4);
    expect(await daysOf('check_results')).to.deep.equal([0, 1, 29, 30]);
    expect(await daysOf('failure_log')).to.deep.equal([0, 1, 29, 30]);
    expect(
      await db.rows(
        "SELECT (now() AT TIME ZONE 'UTC')::date - (kept_since AT TIME ZONE 'UTC')::date AS days FROM rollup_progress WHERE size = 'check'",
      ),
    ).to.deep.equal([{ days: 30 }]);
    expect(await dropAll(30)).to.equal(0);
  });

  it('is kept until it is rolled up, and while something of it is dirty', async () => {
    await enterDays(40, 50);
    await setProgress("now() - interval '45 d'");
    await dropAll(30);
    expect(await daysOf('check_results')).to.deep.equal([40]);

    await setProgress('now()');
    await db.psql.query(
      'INSERT INTO rollup_dirty SELECT target_id, scheduled_at, scheduled_at FROM check_results',
    );
    await dropAll(30);
    expect(await daysOf('check_results')).to.deep.equal([40]);
    await rollUpAll(db);
    await dropAll(30);
    expect(await daysOf('check_results')).to.deep.equal([]);
    expect(await db.rows('SELECT checks, down FROM rollups_hour')).to.deep.equal([{ checks: 1, down: 1 }]);
  });

  it('of gaps is dropped by whole months, none with a gap that is not over for as long', async () => {
    await db.psql.query(
      `INSERT INTO check_gaps SELECT target_id, now() - interval '100 d', now() - ends * interval '1 d', 2
       FROM (VALUES (1, 99), (2, 20)) AS gap (target_id, ends);
       TRUNCATE rollup_dirty`,
    );
    await db.psql.query('SELECT ensure_partitions(7)');
    await setProgress('now()');
    await dropAll(30);
    expect(await db.rows('SELECT FROM check_gaps')).to.have.length(2);
    await db.psql.query("UPDATE check_gaps SET last_slot = now() - interval '98 d'");
    await dropAll(30);
    expect(await db.rows('SELECT FROM check_gaps')).to.have.length(0);
  });

  it('of minutes goes after 14 days, of hours after 400, of days and months never, whatever the retention', async () => {
    for (const size of ['minute', 'hour', 'day', 'month'])
      await db.psql.query(
        `INSERT INTO rollups_${size} (target_id, bucket)
         SELECT 1, date_trunc('day', now(), 'UTC') - days * interval '24 h' FROM unnest('{13,14,15,390,440,4000}'::integer[]) AS days`,
      );
    // Beyond 400 days nothing is moved by itself.
    await db.psql.query(
      `SELECT make_partition(parent, bucket_of(size, now() - days * interval '24 h'))
       FROM partitioned_tables, unnest('{440,4000}'::integer[]) AS days WHERE parent LIKE 'rollups%'`,
    );
    await db.psql.query('SELECT ensure_partitions(7)');
    await setProgress('now()');
    await dropAll(5_000);
    const left = async (size: string) => (await db.rows(`SELECT FROM rollups_${size}`)).length;
    expect([await left('minute'), await left('hour'), await left('day'), await left('month')]).to.deep.equal([
      2, 4, 6, 6,
    ]);
  });

  it('is not dropped while somebody reads it, and recording does not wait for the reader', async () => {
    await enterDays(40);
    await setProgress('now()');
    const reader = await psqlLike(db.dsn);
    await reader.query('BEGIN; SELECT FROM website_monitor.check_results, website_monitor.failure_log');
    await db.psql.query("INSERT INTO monitored_targets (url) VALUES ('http://localhost:1/')");
    const worker = handDrivenWorker(db.database);
    const { leases } = await worker.lease(1);
    const [dropped, { recorded }] = await Promise.all([
      dropAll(30),
      worker.record(leases.map(lease => checked(lease))),
    ]);
    expect(dropped).to.equal(0);
    expect(recorded).to.have.length(1);
    expect(worker.troubles).to.deep.equal([]);
    await reader.query('COMMIT');
    expect(await dropAll(30)).to.equal(2);
    await reader.end();
  });

  it('is rolled up, dropped and created by several workers while others record, and nothing is lost', async () => {
    await db.psql.query(
      `INSERT INTO monitored_targets (url, check_interval)
       SELECT 'http://localhost:1/' || number, '10 d' FROM generate_series(1, 50) AS number`,
    );
    // Else a target whose grid has a point in these minutes would be leased for that slot again and again.
    await setGridsApart(db.psql);
    await enterDays(...Array.from({ length: 12 }, (_, days) => days + 6));
    await db.psql.query(
      "UPDATE rollup_progress SET closed_until = date_trunc(size, now() - interval '19 d', 'UTC') WHERE made_of IS NOT NULL",
    );
    let isOver = false;
    const keeper = async () => {
      const session = await psqlLike(db.dsn);
      for (let rounds = 0; ; rounds++) {
        const { rows } = await session.query("SELECT website_monitor.roll_up('50 ms') AS more");
        await session.query('SELECT website_monitor.ensure_partitions(7)');
        await dropAll(5, session);
        if (isOver && !rows[0].more) return session.end().then(() => rounds);
      }
    };
    const recorder = async () => {
      const worker = handDrivenWorker(db.database);
      let count = 0;
      for (let round = 0; round < 30; round++) {
        // Most are late: their minutes may be closed.
        await db.psql.query("UPDATE target_leases SET next_fire_at = now() - random() * interval '20 min'");
        const { leases } = await worker.lease(50);
        count += (await worker.record(leases.map(lease => checked(lease)))).recorded.length;
      }
      isOver = true;
      expect(worker.troubles).to.deep.equal([]);
      return count;
    };
    const [recorded] = await Promise.all([recorder(), keeper(), keeper()]);
    await rollUpAll(db);
    await dropAll(5);

    expect(
      await daysOf("(SELECT * FROM check_results WHERE target_version = 1 AND outcome = 'down') AS old"),
    ).to.deep.equal([]);
    const [counts] = await db.rows(
      `SELECT (SELECT sum(up) FROM uptime('-infinity', 'infinity'))::integer AS up,
         (SELECT sum(down) FROM uptime('-infinity', 'infinity'))::integer AS down,
         (SELECT sum(gap_slots) FROM uptime('-infinity', 'infinity')) = coalesce((SELECT sum(slots) FROM check_gaps), 0) AS gaps`,
    );
    expect(counts).to.deep.equal({ up: recorded, down: 12, gaps: true });
  });

  it('is seen to at once, and again after trouble', async () => {
    await enterDays(0, 40, 41);
    await setProgress('now()');
    const onTrouble = sinon.fake();
    const query = sinon.stub().callsFake(db.database.query).onFirstCall().rejects(new Error('no'));
    const kept = keepPartitions({ ...db.database, query }, { retentionDays: 30, onTrouble, everyMs: 50 });
    expect(await firstValueFrom(kept)).to.equal(4);
    sinon.assert.calledOnce(onTrouble);
    expect(await daysOf('check_results')).to.deep.equal([0]);
  });

  it('that was there before it was partitioned is there afterwards, with the rights that were granted on it', async () => {
    const before = await testDatabase();
    const psql = await psqlLike(before.dsn);
    const role = `reader_${process.pid}_${Date.now()}`;
    const apply = async (numbers: (number: number) => boolean) => {
      for (const name of readdirSync(sqlPath('migrations')).sort())
        if (numbers(Number(name.slice(0, 4))))
          await psql.query(readFileSync(sqlPath(`migrations/${name}`), 'utf8'));
    };
    await psql.query('CREATE SCHEMA website_monitor');
    await apply(number => number < 6);
    await psql.query(
      `CREATE ROLE ${role}; GRANT SELECT, INSERT ON website_monitor.failure_log, website_monitor.check_gaps TO ${role};
       INSERT INTO website_monitor.monitored_targets (url, check_interval) VALUES ('http://localhost:1/', '1 h');
       INSERT INTO website_monitor.check_gaps
       SELECT 1, since - interval '3 h', since, 4, now()
       FROM generate_series(0, 3) AS number, LATERAL (SELECT now() - number * interval '312 h' AS since) AS gap`,
    );
    for (const days of [0, 1, 40]) await psql.query(ENTER_DAY, [days]);
    await apply(number => number >= 6);

    await psql.query('SET search_path = website_monitor');
    const { rows } = await psql.query(
      `SELECT (SELECT count(*)::integer FROM failure_log) AS failures, (SELECT count(*)::integer FROM failure_log_default) AS stray,
         (SELECT array_agg(DISTINCT slot_interval::text) FROM check_gaps) AS apart, (SELECT count(*)::integer FROM check_gaps) AS gaps,
         has_table_privilege($1, 'failure_log', 'INSERT') AND has_table_privilege($1, 'check_gaps', 'SELECT') AS granted,
         has_table_privilege($1, 'rollup_dirty', 'INSERT') AS can_record, has_table_privilege($1, 'check_gaps', 'DELETE') AS more`,
      [role],
    );
    expect(rows).to.deep.equal([
      { failures: 3, stray: 0, apart: ['01:00:00'], gaps: 4, granted: true, can_record: true, more: false },
    ]);
    let isBehind = true;
    while (isBehind) isBehind = (await psql.query('SELECT roll_up() AS more')).rows[0].more;
    const sums = await psql.query(
      'SELECT sum(down)::integer AS down, sum(gap_slots)::integer AS gaps FROM rollups_hour',
    );
    const open = await psql.query(
      `SELECT count(*) FILTER (WHERE scheduled_at >= closed_until)::integer AS down FROM check_results, rollup_progress WHERE size = 'hour'`,
    );
    expect(sums.rows[0].down + open.rows[0].down).to.equal(3);
    expect(sums.rows[0].gaps).to.be.within(14, 16); // the newest hours are open
    await psql.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    await psql.end();
    await before.drop();
  });
});
