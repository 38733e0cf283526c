import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { Lease } from '../../../lib/domain/check/lease.ts';
import { failureOf } from '../../support/failure-of.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';
import { psqlLike } from '../../support/postgres.ts';
import { beginRollingUp, rollUpAll } from '../../support/rollups.ts';
import { checked, handDrivenWorker, skipped } from '../../support/worker.ts';

describe('check_now', () => {
  let db: MigratedDatabase;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(() => emptyTables(db.psql));

  /** Targets whose last grid point was leased and recorded long ago, and whose next one is `dueIn` away. */
  const insertTargets = async (count: number, interval: string, dueIn: string) => {
    await db.psql.query(
      `INSERT INTO monitored_targets (url, check_interval)
       SELECT 'http://localhost:1/' || number, $2::interval FROM generate_series(1, $1::integer) AS number`,
      [count, interval],
    );
    await db.psql.query(
      'UPDATE target_leases SET next_fire_at = now() + $1::interval, grid_origin = now() + $1::interval',
      [dueIn],
    );
  };
  const checkNow = async (ids: readonly number[]): Promise<number | undefined> =>
    (await db.rows<{ asked: number }>('SELECT check_now($1) AS asked', [ids]))[0]?.asked;
  const schedule = () =>
    db.rows('SELECT monitored_target_id AS id, next_fire_at, grid_origin FROM target_leases ORDER BY 1');
  const nextOnGrid = () =>
    db.rows(
      `SELECT next_fire_at = grid_origin AS same,
         next_fire_at = date_bin(check_interval, next_fire_at, grid_origin) AS on_grid FROM target_leases`,
    );

  it('makes targets due at once, off the grid, and leaves their next slots where they were', async () => {
    await insertTargets(3, '10 min', '5 min');
    expect(await checkNow([1, 2])).to.equal(2);
    const worker = handDrivenWorker(db.database);
    const { leases } = await worker.lease(10);
    expect(leases.map(({ target }) => target.id)).to.have.members(['1', '2']);
    expect(await nextOnGrid()).to.deep.equal(Array(3).fill({ same: true, on_grid: true }));
    await worker.record(leases.map(lease => checked(lease)));
    expect(await db.rows('SELECT FROM check_gaps')).to.deep.equal([]);
    expect(worker.troubles).to.deep.equal([]);
  });

  it('loses no slot of the grid and runs none twice, also if workers come late', async () => {
    await insertTargets(1, '10 s', '5 s');
    await checkNow([1]);
    // As if the worker had come 38 s later: the grid points at 5, 15, 25 and 35 s have passed
    await db.psql.query(
      `UPDATE target_leases SET next_fire_at = next_fire_at - interval '38 s', grid_origin = grid_origin - interval '38 s'`,
    );
    const worker = handDrivenWorker(db.database);
    const { leases } = await worker.lease(10);
    await worker.record(leases.map(lease => checked(lease)));
    const slots = await db.rows<{ grid: number | null; after: number; of: string }>(
      `SELECT round(extract(epoch FROM slot - grid_origin))::integer AS after, of
       FROM target_leases, (
         SELECT scheduled_at AS slot, 'check' AS of FROM check_results
         UNION ALL
         SELECT slot, 'gap' FROM check_gaps,
           slots_of_gap(first_slot, last_slot, slot_interval, '-infinity', 'infinity') AS slot
       ) AS recorded ORDER BY 1`,
    );
    expect(slots).to.deep.equal([
      { after: -5, of: 'gap' }, // asked for
      { after: 0, of: 'gap' },
      { after: 10, of: 'gap' },
      { after: 20, of: 'gap' },
      { after: 30, of: 'check' },
    ]);
    expect(await db.rows('SELECT sum(slots)::integer AS slots FROM check_gaps')).to.deep.equal([
      { slots: 4 },
    ]);
    const [next] = await db.rows(
      'SELECT next_fire_at - grid_origin = $$40 s$$ AS is_next FROM target_leases',
    );
    expect(next).to.deep.equal({ is_next: true });
  });

  it('loses and repeats none while workers lease ahead and others ask all the time', async () => {
    await insertTargets(20, '4 s', '2 s');
    let isOver = false;
    const work = async (worker: string) => {
      const { lease, record } = handDrivenWorker(db.database, { worker, aheadMs: 300 });
      while (!isOver) {
        const { leases } = await Promise.race([lease(7), delay(100, { leases: [] as Lease[] })]);
        await record(leases.map(one => checked(one)));
      }
    };
    const ask = async () => {
      for (let count = 0; count < 25; count++) {
        await checkNow(Array.from({ length: 10 }, (_, index) => 1 + ((7 * index + count) % 20)));
        await delay(100); // in which the workers lease
      }
      isOver = true;
    };
    await Promise.all([work('one'), work('other'), ask()]);
    const [extra] = await db.rows<{ count: number }>(
      `SELECT count(*)::integer FROM check_results JOIN target_leases ON monitored_target_id = target_id
       WHERE date_bin(check_interval, scheduled_at, grid_origin) <> scheduled_at`,
    );
    expect(extra?.count).to.be.above(0);
    const lost = await db.rows(
      `SELECT monitored_target_id, slot
       FROM target_leases, generate_series(
         grid_origin, next_fire_at - interval '1 us', check_interval) AS slot
       WHERE slot NOT IN (
         SELECT scheduled_at FROM check_results WHERE target_id = monitored_target_id
         UNION ALL SELECT slots[place] FROM lease_batches, unnest(target_ids) WITH ORDINALITY AS of (id, place)
         WHERE id = monitored_target_id
         UNION ALL SELECT within FROM check_gaps, slots_of_gap(first_slot, last_slot, slot_interval, '-infinity', 'infinity') AS within
         WHERE target_id = monitored_target_id)`,
    );
    expect(lost).to.deep.equal([]);
    const close = await db.rows(
      `SELECT target_id, slot, apart FROM (
         SELECT target_id, scheduled_at AS slot,
           scheduled_at - lag(scheduled_at) OVER (PARTITION BY target_id ORDER BY scheduled_at) AS apart,
           date_bin(check_interval, scheduled_at, grid_origin) = scheduled_at AS is_on_grid
         FROM check_results JOIN target_leases ON monitored_target_id = target_id) AS slots
       WHERE NOT is_on_grid AND apart < interval '1 s'`,
    );
    expect(close).to.deep.equal([]);
  });

  it('never repeats a slot that is leased ahead and not due yet', async () => {
    await insertTargets(1, '10 min', '50 s');
    const worker = handDrivenWorker(db.database, { aheadMs: 60_000 });
    const [ahead] = (await worker.lease(10)).leases;
    expect(await checkNow([1]), 'while it is leased').to.equal(0);
    await db.psql.query('TRUNCATE lease_batches'); // as if it were nowhere
    expect(await checkNow([1]), 'by its time alone').to.equal(0);
    expect(ahead).to.not.equal(undefined);
  });

  it('keeps every count right: an extra check is one more slot, in rollups, uptime and coverage', async () => {
    await insertTargets(1, '10 min', '5 min');
    const worker = handDrivenWorker(db.database);
    const run = async () => {
      const { leases } = await worker.lease(10);
      await worker.record(leases.map(lease => checked(lease)));
      return leases.length;
    };
    for (let count = 0; count < 3; count++) {
      await checkNow([1]);
      expect(await run()).to.equal(1);
      // Everything becomes two hours older, and is rolled up below
      await db.psql.query(
        `UPDATE check_results SET scheduled_at = scheduled_at - interval '2 h' - interval '1 s' WHERE scheduled_at > now() - interval '1 h'`,
      );
    }
    const [now] = await db.rows<{ s: string }>('SELECT extract(epoch FROM now()) AS s');
    await beginRollingUp(db, Number(now?.s) - 10_800);
    await rollUpAll(db);
    expect(
      await db.rows('SELECT sum(checks)::integer AS checks, sum(up)::integer AS up FROM rollups_minute'),
    ).to.deep.equal([{ checks: 3, up: 3 }]);
    expect(
      await db.rows('SELECT up::integer, gap_slots::integer, uptime, coverage FROM uptime_24h'),
    ).to.deep.equal([{ up: 3, gap_slots: 0, uptime: 1, coverage: 1 }]);
  });

  it('counts a check that it asked for and that no worker ran against the coverage', async () => {
    await insertTargets(1, '10 min', '5 min');
    await checkNow([1]);
    const worker = handDrivenWorker(db.database);
    const { leases } = await worker.lease(10);
    await worker.record(leases.map(lease => skipped(lease)));
    expect(await db.rows('SELECT up::integer, gap_slots::integer, coverage FROM uptime_24h')).to.deep.equal([
      { up: 0, gap_slots: 1, coverage: 0 },
    ]);
  });

  describe('leaves alone a target', () => {
    it('that is due within a second, so that repeated calls ask once', async () => {
      await insertTargets(2, '10 min', '5 min');
      await db.psql.query(
        "UPDATE target_leases SET next_fire_at = now() + interval '900 ms' WHERE monitored_target_id = 2",
      );
      expect(await checkNow([1, 1, 2, 99])).to.equal(1);
      const before = await schedule();
      expect(await checkNow([1, 2])).to.equal(0);
      expect(await schedule()).to.deep.equal(before);
    });

    it('that had a slot less than a second ago, whether it was checked or not', async () => {
      await insertTargets(2, '10 min', '5 min');
      const worker = handDrivenWorker(db.database);
      await checkNow([1, 2]);
      const { leases } = await worker.lease(10);
      await worker.record([checked(leases[0] as never), skipped(leases[1] as never)]);
      for (const [agoMs, asked] of [
        [-5_000, 0], // not 0: this spec may be held up
        [1_100, 2],
      ]) {
        await db.psql.query(
          `WITH moved AS (SELECT now() - ${agoMs} * interval '1 ms' AS slot),
             gap AS (UPDATE check_gaps SET first_slot = slot, last_slot = slot FROM moved)
           UPDATE check_results SET scheduled_at = slot FROM moved`,
        );
        expect(await checkNow([1, 2])).to.equal(asked);
      }
    });

    it('that is being checked, however long that takes', async () => {
      await insertTargets(1, '10 min', '5 min');
      await checkNow([1]);
      await handDrivenWorker(db.database).lease(10);
      await db.psql.query("UPDATE lease_batches SET slots = ARRAY[slots[1] - interval '30 s']");
      expect(await checkNow([1])).to.equal(0);
    });

    it('that is paused', async () => {
      await insertTargets(1, '10 min', '5 min');
      await db.psql.query('UPDATE monitored_targets SET enabled = false');
      expect(await checkNow([1])).to.equal(0);
    });

    it('that another session is leasing or editing, without waiting', async () => {
      await insertTargets(2, '10 min', '5 min');
      const other = await psqlLike(db.dsn);
      await other.query(
        "BEGIN; UPDATE website_monitor.monitored_targets SET url = url || '/edited' WHERE id = 1",
      );
      expect(await checkNow([1, 2])).to.equal(1);
      await other.query('ROLLBACK');
      await other.end();
    });
  });

  it('wakes the workers, unless no target became due', async () => {
    await insertTargets(1, '10 min', '5 min');
    const listener = await psqlLike(db.dsn);
    const heard: (string | undefined)[] = [];
    listener.on('notification', ({ payload }) => heard.push(payload));
    await listener.query('LISTEN website_monitor');
    await checkNow([1]);
    await checkNow([1]);
    await listener.query('SELECT');
    await listener.end();
    expect(heard).to.deep.equal(['']);
  });

  it('takes at most 10,000 ids', async () => {
    await insertTargets(1, '10 min', '5 min');
    const ids = Array.from({ length: 10_001 }, (_, index) => index + 1);
    expect(await checkNow(ids.slice(1))).to.equal(0);
    const failure = await failureOf(checkNow(ids));
    expect(failure.message).to.equal('check_now takes at most 10000 ids, not 10001');
  });
});
