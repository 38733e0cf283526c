import { expect } from 'chai';
import { statement } from '../../../lib/sql/sql-file.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';
import { psqlLike } from '../../support/postgres.ts';
import { beginRollingUp, rollUpAll } from '../../support/rollups.ts';
import { handDrivenWorker } from '../../support/worker.ts';

const DAY = `date_trunc('day', now(), 'UTC')`;

describe('maintenance', () => {
  let db: MigratedDatabase;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(async () => {
    await emptyTables(db.psql);
    await db.psql.query(
      `INSERT INTO monitored_targets (url, key, labels) VALUES
         ('http://localhost:1/a', 'a', '{"team": "web"}'), ('http://localhost:1/b', 'b', '{}'), ('http://localhost:1/c', NULL, '{}')`,
    );
  });

  /** A check of every target each ten minutes of the last four days, or a gap each hour, at 23 past. */
  const enterHistory = async () => {
    const [began] = await db.rows<{ s: string }>(`SELECT extract(epoch FROM ${DAY} - interval '96 h') AS s`);
    await beginRollingUp(db, Number(began?.s));
    await db.psql.query(
      `INSERT INTO check_results (target_id, scheduled_at, started_at, outcome, cause, target_version, total_us, body_cut)
       SELECT id, slot, slot, outcome, CASE WHEN outcome <> 'up' THEN 'internal_error'::check_cause END, 1, 1, false
       FROM monitored_targets, generate_series(${DAY} - interval '96 h', ${DAY}, '10 min') AS slot,
         LATERAL (SELECT (ARRAY['up', 'down', 'unknown']::check_outcome[])[1 + (extract(minute FROM slot)::integer / 10 + id) % 3]
           AS outcome) AS judged;
       INSERT INTO check_gaps (target_id, first_slot, last_slot, slots)
       SELECT id, slot, slot, 1
       FROM monitored_targets, generate_series(${DAY} - interval '96 h' + interval '23 min', ${DAY}, '1 h') AS slot;
       UPDATE target_leases SET next_fire_at = now() + interval '1 h'`,
    );
    await rollUpAll(db);
  };
  /** From and until so many hours before today began (UTC) */
  const announce = (columns: string, fromH: number, untilH: number) =>
    db.psql.query(
      `INSERT INTO silences (name, announced, starts_at, ends_at, ${columns.split('=')[0]})
       VALUES ('upgrade', true, ${DAY} - interval '${fromH} h', ${DAY} - interval '${untilH} h', ${columns.split('=')[1]})`,
    );
  const countAll = async (): Promise<number> => {
    for (let count = 0; ; count++) {
      const [row] = await db.database.query<{ is_behind: boolean }>(statement('count-maintenance'));
      if (!row?.is_behind) return count;
    }
  };
  const counted = () =>
    db.rows(
      `SELECT target_id::integer AS id, (${DAY} AT TIME ZONE 'UTC')::date - day AS days_ago, up, down, unknown, gap_slots
       FROM maintenance_days ORDER BY 1, 2 DESC`,
    );
  /** The same, counted from the checks and gaps one by one: of the targets, from and until so many hours before today */
  const expected = (
    ids: readonly number[],
    ...periods: readonly (readonly [fromH: number, untilH: number])[]
  ) =>
    db.rows(
      `SELECT id::integer, (${DAY} AT TIME ZONE 'UTC')::date - (slot AT TIME ZONE 'UTC')::date AS days_ago,
         count(*) FILTER (WHERE outcome = 'up')::integer AS up, count(*) FILTER (WHERE outcome = 'down')::integer AS down,
         count(*) FILTER (WHERE outcome = 'unknown')::integer AS unknown, count(*) FILTER (WHERE outcome IS NULL)::integer AS gap_slots
       FROM (SELECT target_id AS id, scheduled_at AS slot, outcome::text FROM check_results
             UNION ALL SELECT target_id, first_slot, NULL FROM check_gaps) AS slots
       WHERE id = ANY ($1) AND (${periods.map(([fromH, untilH]) => `slot >= ${DAY} - interval '${fromH} h' AND slot < ${DAY} - interval '${untilH} h'`).join(' OR ')})
       GROUP BY 1, 2 ORDER BY 1, 2 DESC`,
      [ids],
    );

  describe('when it has ended', () => {
    beforeEach(enterHistory);

    it('has its slots counted per target and day, from its first moment to before its last', async () => {
      await announce(`labels='{"team": "web"}'`, 60, 12);
      expect(await countAll()).to.equal(1);
      const days = await counted();
      expect(days).to.have.length(3);
      expect(days).to.deep.equal(await expected([1], [60, 12]));
    });

    it('counts edges within a minute, and each slot once however often it is called', async () => {
      await announce('everything=true', 30.3, 29.999);
      await countAll();
      expect(await countAll()).to.equal(0);
      expect(await counted()).to.deep.equal(await expected([1, 2, 3], [30.3, 29.999]));
    });

    it('counts a slot in several maintenances once', async () => {
      await announce('everything=true', 30, 20);
      await announce(`keys='{a,b}'`, 40, 25);
      await announce(`keys='{b}'`, 22, 19);
      expect(await countAll()).to.equal(3);
      const days = await counted();
      expect(days.filter(({ id }) => id === 1)).to.deep.equal(await expected([1], [40, 20]));
      expect(days.filter(({ id }) => id === 2)).to.deep.equal(await expected([2], [40, 19]));
      expect(days.filter(({ id }) => id === 3)).to.deep.equal(await expected([3], [30, 20]));
    });

    it('counts each time of a recurring one', async () => {
      await db.psql.query(
        `INSERT INTO silences (name, announced, everything, starts_at, weekdays, start_time, duration, time_zone)
         VALUES ('nightly', true, true, ${DAY} - interval '60 h', '{1,2,3,4,5,6,7}', '02:00', '2 h', 'UTC')`,
      );
      expect(await countAll()).to.be.within(2, 3); // it may be past 04:00
      const days = (await counted()).filter(({ days_ago: ago }) => Number(ago) > 0);
      expect(days).to.deep.equal(await expected([1, 2, 3], [46, 44], [22, 20]));
    });

    it('is not counted if it was not announced', async () => {
      await db.psql.query(
        `INSERT INTO silences (name, everything, starts_at, ends_at)
         VALUES ('quiet', true, ${DAY} - interval '30 h', ${DAY} - interval '20 h')`,
      );
      expect(await countAll()).to.equal(0);
      expect(await counted()).to.deep.equal([]);
    });

    it('stays as it was counted, whatever is edited or deleted later', async () => {
      await announce(`keys='{a}'`, 30, 20);
      await countAll();
      const before = await counted();
      await db.psql.query("UPDATE silences SET keys = '{b}', starts_at = starts_at - interval '10 h'");
      await countAll();
      await db.psql.query('DELETE FROM silences');
      await countAll();
      expect(await counted()).to.deep.equal(before).and.not.be.empty;
    });

    for (const [what, change] of [
      ['edited', "UPDATE silences SET keys = '{b}', starts_at = starts_at - interval '10 h'"],
      ['no longer announced', 'UPDATE silences SET announced = false'],
      ['deleted', 'DELETE FROM silences'],
    ] as const) {
      it(`is counted as it was, although it is ${what} before it is counted`, async () => {
        await announce(`keys='{a}'`, 30, 20);
        await db.psql.query(change);
        expect(await countAll()).to.equal(1);
        expect(await counted()).to.deep.equal(await expected([1], [30, 20]));
      });
    }
  });

  describe('that is on', () => {
    const occurrences = () =>
      db.rows(
        `SELECT name, round(extract(epoch FROM now() - starts_at) / 3600)::integer AS from_h,
           round(extract(epoch FROM now() - ends_at) / 3600)::integer AS until_h FROM maintenance_occurrences ORDER BY starts_at`,
      );
    const announceNow = () =>
      db.psql.query(
        `INSERT INTO silences (name, announced, everything, starts_at, ends_at)
         VALUES ('before', true, true, now() - interval '2 h', now() + interval '2 h')`,
      );
    /** As if so many hours had gone by. The triggers would undo it. */
    const wait = (hours: number) =>
      db.psql.query(
        `ALTER TABLE silences DISABLE TRIGGER USER;
         UPDATE silences SET starts_at = starts_at - interval '${hours} h', ends_at = ends_at - interval '${hours} h',
           created_at = created_at - interval '${hours} h', updated_at = updated_at - interval '${hours} h',
           ended_at = ended_at - interval '${hours} h';
         UPDATE maintenance_occurrences SET starts_at = starts_at - interval '${hours} h', ends_at = ends_at - interval '${hours} h';
         ALTER TABLE silences ENABLE TRIGGER USER`,
      );

    it('is not counted yet', async () => {
      await announceNow();
      expect(await countAll()).to.equal(0);
      expect(await occurrences()).to.deep.equal([]);
    });

    it('is counted in two parts if it is edited: as it was, and from then on as it is', async () => {
      await announceNow();
      await db.psql.query(
        "UPDATE silences SET name = 'after', starts_at = now() - interval '20 h', ends_at = now() + interval '1 h'",
      );
      await wait(3);
      await countAll();
      expect(await occurrences()).to.deep.equal([
        { name: 'before', from_h: 5, until_h: 3 },
        { name: 'after', from_h: 3, until_h: 2 },
      ]);
    });

    it('is counted until it was ended early, and no further', async () => {
      await announceNow();
      await db.psql.query('UPDATE silences SET ended_at = now()');
      await wait(4);
      await countAll();
      expect(await occurrences()).to.deep.equal([{ name: 'before', from_h: 6, until_h: 4 }]);
    });
  });

  describe('waits to be counted until', () => {
    beforeEach(async () => {
      await db.psql.query(
        `UPDATE target_leases SET next_fire_at = now() + interval '1 h';
         INSERT INTO silences (name, announced, everything, starts_at, ends_at)
         VALUES ('upgrade', true, true, now() - interval '3 h', now() - interval '1 h')`,
      );
    });

    it('its slots have been leased', async () => {
      await db.psql.query(
        "UPDATE target_leases SET next_fire_at = now() - interval '61 min' WHERE monitored_target_id = 2",
      );
      expect(await countAll()).to.equal(0);
      await handDrivenWorker(db.database).lease(10);
      await db.psql.query('TRUNCATE lease_batches');
      await rollUpAll(db); // of the gap
      expect(await countAll()).to.equal(1);
      const [row] = await db.rows('SELECT sum(gap_slots)::integer > 0 AS has_gap FROM maintenance_days');
      expect(row).to.deep.equal({ has_gap: true });
    });

    it('its checks have been recorded', async () => {
      await db.psql.query(
        `INSERT INTO lease_batches (worker, leased_at, expires_at, target_ids, slots)
         VALUES ('spec', now(), now(), '{1,2}', ARRAY[now(), now() - interval '61 min'])`,
      );
      expect(await countAll()).to.equal(0);
      await db.psql.query('UPDATE lease_batches SET slots = ARRAY[now(), now() - interval $$1 h$$]');
      expect(await countAll()).to.equal(1);
    });

    it('what came late has been rolled up', async () => {
      await db.psql.query(
        "INSERT INTO rollup_dirty VALUES (1, now() - interval '2 h', now() - interval '2 h')",
      );
      expect(await countAll()).to.equal(0);
      await rollUpAll(db);
      expect(await countAll()).to.equal(1);
    });

    it('twelve hours have gone by, if none of these happens', async () => {
      await db.psql.query(
        `UPDATE target_leases SET next_fire_at = now() - interval '20 h';
         INSERT INTO silences (name, announced, everything, starts_at, ends_at)
         VALUES ('old', true, true, now() - interval '14 h', now() - interval '13 h')`,
      );
      expect(await countAll()).to.equal(1);
    });
  });

  it('is counted by one worker at a time, and the others do not wait', async () => {
    await announce('everything=true', 30, 20);
    await db.psql.query("UPDATE target_leases SET next_fire_at = now() + interval '1 h'");
    const other = await psqlLike(db.dsn);
    await other.query('BEGIN; SELECT website_monitor.count_maintenance()');
    expect(await countAll()).to.equal(0);
    await other.query('ROLLBACK');
    await other.end();
    expect(await countAll()).to.equal(1);
  });
});
