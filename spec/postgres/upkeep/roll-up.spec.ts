import { expect } from 'chai';
import { Subject } from 'rxjs';
import sinon from 'sinon';
import type { Recorded } from '../../../lib/checking/ports.ts';
import type { Database, Query } from '../../../lib/postgres/database.ts';
import { rollUp } from '../../../lib/postgres/upkeep/roll-up.ts';
import { statement } from '../../../lib/sql/sql-file.ts';
import { seededRandom } from '../../../scripts/support/random.ts';
import { aCheck } from '../../support/a-check.ts';
import {
  emptyTables,
  type MigratedDatabase,
  migratedDatabase,
  setGridsApart,
} from '../../support/migrated-database.ts';
import { psqlLike } from '../../support/postgres.ts';
import {
  beginRollingUp,
  differences,
  enterSlots,
  randomSlots,
  rollUpAll,
  SIZES,
} from '../../support/rollups.ts';
import { checked, down, handDrivenWorker } from '../../support/worker.ts';

const HOUR_S = 3_600;

describe('rolling up', () => {
  let db: MigratedDatabase;
  before(async () => {
    db = await migratedDatabase();
    await db.psql.query("SET TimeZone = 'Asia/Kolkata'"); // whose hours begin when UTC's are half over
  });
  after(() => db.drop());
  beforeEach(() => emptyTables(db.psql));

  const allDifferences = async () => {
    const found: unknown[] = [];
    for (const size of SIZES) found.push(...(await differences(db, size)));
    return found;
  };
  const nowS = async (): Promise<number> =>
    Number((await db.rows<{ s: string }>('SELECT extract(epoch FROM now()) AS s'))[0]?.s);
  const closedUntil = async (): Promise<Record<string, Date>> => {
    const rows = await db.rows<{ size: string; closed_until: Date }>('TABLE rollup_progress');
    return Object.fromEntries(rows.map(row => [row.size, row.closed_until]));
  };

  /** 40 hours until ten minutes ago, or around the beginning of this month or the one before. */
  const enterHistory = async (seed: number, around: 'now' | 'month' = 'now') => {
    const [month] = await db.rows<{ s: string }>(
      "SELECT extract(epoch FROM date_trunc('month', now() - interval '1 d', 'UTC')) AS s",
    );
    const untilS = around === 'now' ? (await nowS()) - 600 : Number(month?.s) + 20 * HOUR_S;
    const sinceS = untilS - 40 * HOUR_S;
    await beginRollingUp(db, sinceS);
    await enterSlots(db, randomSlots(seededRandom(seed), sinceS, untilS));
    return { sinceS, untilS };
  };

  for (const [seed, around] of [
    [1, 'now'],
    [2, 'now'],
    [3, 'month'],
    [4, 'month'],
  ] as const) {
    it(`counts every check and every slot of a gap once, in each size of bucket (around ${around}, seed ${seed})`, async () => {
      await enterHistory(seed, around);
      await rollUpAll(db);
      expect(await allDifferences()).to.deep.equal([]);
      const bucketed = around === 'now' ? 'rollups_day' : 'rollups_month';
      expect(await db.rows(`SELECT FROM ${bucketed}`)).to.not.be.empty;
    });
  }

  it('closes no bucket before 150 seconds after its end, and larger ones with the last of their parts', async () => {
    await beginRollingUp(db, (await nowS()) - 3 * HOUR_S);
    await rollUpAll(db);
    const closed = await closedUntil();
    const [row] = await db.rows<Record<string, Date>>(
      `SELECT date_trunc('minute', now() - interval '150 s', 'UTC') AS minute, date_trunc('hour', now() - interval '150 s', 'UTC') AS hour,
         date_trunc('day', now() - interval '150 s', 'UTC') AS day, date_trunc('month', now() - interval '150 s', 'UTC') AS month`,
    );
    const lateByMs = SIZES.map(size => Number(row?.[size]) - Number(closed[size]));
    // A minute, hour … may have ended between the two statements.
    expect(lateByMs.filter(ms => ms !== 0 && ms !== 60_000 && ms !== HOUR_S * 1_000)).to.deep.equal([]);
  });

  it('writes nothing if it rolls the same buckets up again', async () => {
    const { sinceS } = await enterHistory(4);
    const rows = () =>
      db.rows('SELECT xmin, * FROM rollups_minute UNION ALL SELECT xmin, * FROM rollups_hour ORDER BY 2, 3');
    await rollUpAll(db);
    const before = await rows();
    await beginRollingUp(db, sinceS);
    await rollUpAll(db);
    expect(await rows()).to.deep.equal(before).and.not.be.empty;
  });

  it('stops after about the given time, and says that there is more to do', async () => {
    await enterHistory(5);
    const [first] = await db.rows("SELECT roll_up('0 s') AS more");
    expect(first).to.deep.equal({ more: true });
    await rollUpAll(db);
    expect(await allDifferences()).to.deep.equal([]);
  });

  describe('again', () => {
    /** The newest slot of a target that falls due once in ten days, half an hour ago. */
    const leaseLate = async () => {
      await db.psql.query(
        "INSERT INTO monitored_targets (url, check_interval) VALUES ('http://localhost:1/', '10 d')",
      );
      await db.psql.query(
        `UPDATE target_leases SET next_fire_at = now() - interval '3 h',
           grid_origin = now() - interval '3 h'`,
      );
      const worker = handDrivenWorker(db.database);
      return { worker, leases: (await worker.lease(1)).leases };
    };
    const counted = async (column: string) => {
      const rows = await db.rows<{ sum: string }>(
        SIZES.map(size => `SELECT '${size}', sum(${column})::integer FROM rollups_${size}`).join(
          ' UNION ALL ',
        ),
      );
      return rows.map(({ sum }) => sum);
    };

    it('counts checks recorded more than a minute after their slot, in every size of closed bucket', async () => {
      const { worker, leases } = await leaseLate();
      await beginRollingUp(db, (await nowS()) - 40 * 24 * HOUR_S); // into a month that is closed
      await db.psql.query("UPDATE rollup_progress SET closed_until = now() WHERE size <> 'check'");
      await worker.record(leases.map(lease => down(lease)));
      expect(await counted('down')).to.deep.equal([null, null, null, null]);
      await rollUpAll(db);
      expect(await counted('down')).to.deep.equal([1, 1, 1, 1]);
      expect(await db.rows('TABLE rollup_dirty')).to.deep.equal([]);
    });

    it('is not needed for checks recorded in time', async () => {
      await db.psql.query("INSERT INTO monitored_targets (url) VALUES ('http://localhost:1/')");
      await setGridsApart(db.psql);
      const worker = handDrivenWorker(db.database);
      const { leases } = await worker.lease(1);
      const { recorded } = await worker.record(leases.map(lease => checked(lease)));
      expect(recorded).to.have.length(1);
      expect(await db.rows('TABLE rollup_dirty')).to.deep.equal([]);
    });

    it('counts what came late beside what was there, and a gap that is noticed after its time', async () => {
      const { sinceS, untilS } = await enterHistory(6);
      await db.psql.query('TRUNCATE check_results, check_gaps, rollup_dirty');
      await rollUpAll(db);
      await enterSlots(db, randomSlots(seededRandom(6), sinceS, untilS));
      await db.psql.query(
        'INSERT INTO rollup_dirty SELECT target_id, scheduled_at, scheduled_at FROM check_results',
      );
      await rollUpAll(db);
      expect(await allDifferences()).to.deep.equal([]);
    });

    it('leaves alone what checks are no longer kept for', async () => {
      await enterHistory(7);
      await rollUpAll(db);
      const rows = () => db.rows('SELECT * FROM rollups_hour ORDER BY target_id, bucket');
      const before = await rows();
      await db.psql.query(
        `UPDATE rollup_progress SET kept_since = now() WHERE size = 'check';
         INSERT INTO rollup_dirty SELECT target_id, scheduled_at, scheduled_at FROM check_results;
         TRUNCATE check_results`,
      );
      await rollUpAll(db);
      expect(await rows()).to.deep.equal(before).and.not.be.empty;
    });

    for (const [interval, slots] of [
      ['1 s', 7_201],
      ['90 s', 81],
      ['50 min', 3],
    ] as const) {
      it(`counts the slots of an outage, one each ${interval}, though its target is deleted`, async () => {
        await db.psql.query(
          `INSERT INTO monitored_targets (url, check_interval) VALUES ('http://localhost:1/', '${interval}')`,
        );
        await db.psql.query(
          "UPDATE target_leases SET next_fire_at = now() - interval '2 h', grid_origin = now() - interval '2 h'",
        );
        await beginRollingUp(db, (await nowS()) - 4 * HOUR_S);
        await db.psql.query(
          "UPDATE rollup_progress SET closed_until = date_trunc('day', now() + interval '2 d') WHERE size <> 'check'",
        );
        await db.psql.query('DELETE FROM monitored_targets');
        await rollUpAll(db);
        for (const sum of await counted('gap_slots')) expect(sum).to.be.within(slots, slots + 2); // while it is deleted
        expect(await db.rows('SELECT sum(slots)::integer AS sum FROM check_gaps')).to.deep.equal([
          { sum: (await counted('gap_slots'))[0] },
        ]);
      });
    }
  });

  it('runs on one worker at a time, and the others do not wait', async () => {
    await enterHistory(8);
    const other = await psqlLike(db.dsn);
    await other.query("BEGIN; SELECT website_monitor.roll_up('0 s')");
    expect(await db.rows("SELECT roll_up('10 s') AS more")).to.deep.equal([{ more: false }]);
    expect(await db.rows('SELECT FROM rollups_minute')).to.deep.equal([]);
    await other.query('ROLLBACK');
    await other.end();
  });
});

describe('rollUp', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => {
    clock = sinon.useFakeTimers();
  });
  afterEach(() => clock.restore());

  const NOTHING = { settled: [], recorded: [], transitions: [], lostLeaseCount: 0, rejectedCount: 0 };
  const SOME = { ...NOTHING, recorded: [aCheck()] };
  /** The first calls answer as given, the others that there is no more to do. */
  const rolling = (...answers: (boolean | Error)[]) => {
    const counts = sinon.stub().returns([{ is_behind: false }]);
    const rollsUp = sinon.fake(() => {
      const answer = answers.shift() ?? false;
      if (answer instanceof Error) throw answer;
      return [{ is_behind: answer }];
    });
    const query: Query = async text => {
      if (text === statement('count-maintenance')) return counts() as never[];
      return (text === statement('roll-up') ? rollsUp() : []) as never[];
    };
    const transaction: Database['transaction'] = work => work(query);
    const recorded = new Subject<Recorded>();
    const onTrouble = sinon.fake();
    const onMaintenanceTrouble = sinon.fake();
    const complete = sinon.fake();
    const database = { query, transaction, close: async () => {} };
    const settings = { onTrouble, onMaintenanceTrouble, everyMs: 1_000, breatherMs: 10 };
    recorded.pipe(rollUp(database, settings)).subscribe({ complete });
    return {
      recorded,
      onTrouble,
      onMaintenanceTrouble,
      complete,
      rollsUp,
      counts,
      calls: () => rollsUp.callCount,
    };
  };

  it('is done at the first checks recorded, and then now and again while there are more', async () => {
    const { recorded, calls } = rolling();
    recorded.next(NOTHING);
    expect(calls()).to.equal(0);
    for (let count = 0; count < 5; count++) recorded.next(SOME);
    await clock.tickAsync(0);
    expect(calls()).to.equal(1);
    await clock.tickAsync(999);
    expect(calls()).to.equal(1);
    await clock.tickAsync(1);
    expect(calls()).to.equal(2);
    await clock.tickAsync(100_000);
    expect(calls(), 'nothing was recorded since').to.equal(2);
  });

  it('continues after a pause while there is more to do', async () => {
    const { recorded, calls } = rolling(true, true);
    recorded.next(SOME);
    await clock.tickAsync(9);
    expect(calls()).to.equal(1);
    await clock.tickAsync(50);
    expect(calls()).to.equal(3);
  });

  it('reports a failure, and retries the next time', async () => {
    const { recorded, onTrouble, calls } = rolling(new Error('no'), true);
    recorded.next(SOME);
    recorded.next(SOME);
    await clock.tickAsync(999);
    sinon.assert.calledOnce(onTrouble);
    expect(calls()).to.equal(1);
    await clock.tickAsync(100);
    expect(calls()).to.equal(3);
  });

  it('counts maintenance once all is rolled up, or that failed, and reports its failures apart', async () => {
    const { recorded, rollsUp, counts, onTrouble, onMaintenanceTrouble } = rolling(
      true,
      false,
      new Error('no'),
    );
    recorded.next(SOME);
    await clock.tickAsync(500);
    sinon.assert.callOrder(rollsUp, rollsUp, counts);
    sinon.assert.calledOnce(counts);
    sinon.assert.notCalled(onMaintenanceTrouble);
    counts.throws(new Error('no'));
    recorded.next(SOME);
    await clock.tickAsync(600);
    sinon.assert.calledOnce(onTrouble);
    sinon.assert.calledTwice(counts);
    sinon.assert.calledOnce(onMaintenanceTrouble);
  });

  it('ends with what it is fed by, and does not hold a stop up', async () => {
    const { recorded, complete, calls } = rolling(true, true, true);
    recorded.next(SOME);
    recorded.next(SOME);
    await clock.tickAsync(5);
    recorded.complete();
    sinon.assert.calledOnce(complete);
    await clock.tickAsync(100_000);
    expect(calls()).to.equal(1);
    expect(clock.countTimers()).to.equal(0);
  });
});
