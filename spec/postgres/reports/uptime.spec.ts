import { expect } from 'chai';
import { randomInteger, seededRandom } from '../../../scripts/support/random.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';
import { beginRollingUp, enterSlots, randomSlots, rollUpAll } from '../../support/rollups.ts';

const HOUR_S = 3_600;

interface Counts {
  readonly target_id: string;
  readonly up: string;
  readonly down: string;
  readonly unknown: string;
  readonly gap_slots: string;
}

describe('uptime and latency of a period', () => {
  let db: MigratedDatabase;
  let sinceS: number;
  let untilS: number;
  before(async () => {
    db = await migratedDatabase();
    const [now] = await db.rows<{ s: string }>('SELECT extract(epoch FROM now()) AS s');
    untilS = Number(now?.s) - 1; // newer than what is rolled up
    sinceS = untilS - 45 * 24 * HOUR_S;
    await beginRollingUp(db, sinceS);
    const random = seededRandom(11);
    const slots = [
      ...randomSlots(random, sinceS, sinceS + 30 * HOUR_S),
      ...randomSlots(random, untilS - 20 * 24 * HOUR_S, untilS - 19 * 24 * HOUR_S),
      ...randomSlots(random, untilS - 50 * HOUR_S, untilS),
    ];
    await enterSlots(db, slots);
    await rollUpAll(db);
  });
  after(() => db.drop());

  /** Some that end now, some that ended long ago, some within a minute. */
  const periods = (seed: number): [sinceS: number, untilS: number][] => {
    const random = seededRandom(seed);
    return Array.from({ length: 40 }, (_, index) => {
      const [a, b] = [0, 1].map(() => sinceS + random() * (untilS - sinceS)) as [number, number];
      if (index % 4 === 0) return [a, untilS + 1];
      if (index % 4 === 1) return [untilS - random() * 50 * HOUR_S, untilS + 1];
      if (index % 4 === 2) return [b, b + randomInteger(random, { min: 1, max: 100 })];
      return [Math.min(a, b), Math.max(a, b)];
    });
  };

  it('count each check and each slot of a gap once, from raw rows and rollups', async () => {
    const relations = new Set<string>();
    for (const period of periods(1)) {
      const expected = await db.rows<Counts>(
        `SELECT target_id, count(*) FILTER (WHERE outcome = 'up') AS up, count(*) FILTER (WHERE outcome = 'down') AS down,
           count(*) FILTER (WHERE outcome = 'unknown') AS unknown, count(*) FILTER (WHERE outcome IS NULL) AS gap_slots
         FROM spec_slots WHERE slot >= to_timestamp($1) AND slot < to_timestamp($2) GROUP BY target_id ORDER BY target_id`,
        period,
      );
      const counted = await db.rows<Counts>(
        `SELECT target_id, up, down, unknown, gap_slots FROM uptime(to_timestamp($1), to_timestamp($2)) ORDER BY target_id`,
        period,
      );
      expect(counted, period.join(' to ')).to.deep.equal(expected);
      const parts = await db.rows<{ relation: string }>(
        'SELECT relation FROM parts_of_period(to_timestamp($1), to_timestamp($2))',
        period,
      );
      for (const { relation } of parts) relations.add(relation);
    }
    expect(relations).to.have.all.keys(
      ['check_results', 'rollups_minute', 'rollups_hour', 'rollups_day', 'rollups_month'].slice(
        0,
        relations.size,
      ),
    );
    expect(relations.size).to.be.at.least(4); // months, too, where one lies in the 45 days
  });

  it('report selected targets the same as all targets', async () => {
    const period = [sinceS, untilS];
    for (const name of ['uptime', 'latency']) {
      const all = await db.rows<Counts>(
        `SELECT * FROM ${name}(to_timestamp($1), to_timestamp($2)) ORDER BY target_id`,
        period,
      );
      const some = await db.rows<Counts>(
        `SELECT * FROM ${name}(to_timestamp($1), to_timestamp($2), '{2,4,99}') ORDER BY target_id`,
        period,
      );
      expect(some).to.deep.equal(all.filter(row => row.target_id === '2' || row.target_id === '4'));
      expect(some).to.have.length(2);
    }
  });

  it('are available as views', async () => {
    for (const days of [1, 7, 30, 365])
      for (const what of ['uptime', 'latency']) {
        const view = `${what}_${days === 1 ? '24h' : `${days}d`}`;
        await db.psql.query('BEGIN'); // for one now()
        const rows = await db.rows(`SELECT * FROM ${view} ORDER BY target_id`);
        const same = await db.rows(
          `SELECT * FROM ${what}(now() - interval '${days * 24} h', now()) ORDER BY target_id`,
        );
        await db.psql.query('COMMIT');
        expect(rows, view).to.deep.equal(same).and.to.have.length(5);
      }
  });

  it('have percentiles that are off by less than the column that they lie in is wide', async () => {
    const FROM_MS = [
      0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1_000, 1_500, 2_000, 3_000,
      5_000, 10_000,
    ];
    const columnOf = (ms: number): number => FROM_MS.findLastIndex(fromMs => fromMs <= ms);
    for (const period of periods(2).slice(0, 12)) {
      const [exact = [], told = []] = [
        await db.rows<Record<string, number>>(
          `SELECT target_id, count(*) AS answered, avg(total_us)::float8 / 1000 AS mean_ms, ${[50, 90, 95, 99]
            .map(p => `percentile_disc(0.${p}) WITHIN GROUP (ORDER BY total_us) / 1000.0::float8 AS p${p}_ms`)
            .join(', ')}
           FROM spec_slots WHERE slot >= to_timestamp($1) AND slot < to_timestamp($2) AND is_answered AND outcome IS NOT NULL
           GROUP BY target_id ORDER BY target_id`,
          period,
        ),
        await db.rows<Record<string, number>>(
          'SELECT * FROM latency(to_timestamp($1), to_timestamp($2)) ORDER BY target_id',
          period,
        ),
      ];
      expect(told).to.have.length(exact.length);
      for (const [index, row] of told.entries()) {
        const of = exact[index] ?? {};
        expect(row.target_id).to.equal(of.target_id);
        expect(row.answered).to.equal(of.answered);
        expect(row.mean_ms).to.be.closeTo(of.mean_ms ?? Number.NaN, 0.01);
        for (const name of ['p50_ms', 'p90_ms', 'p95_ms', 'p99_ms']) {
          const [ms = Number.NaN, exactMs = Number.NaN] = [row[name], of[name]];
          const column = columnOf(exactMs);
          expect(ms, `${name}, exactly ${exactMs}`).to.be.within(
            FROM_MS[column] ?? Number.NaN,
            FROM_MS[column + 1] ?? 10_000, // there it ends
          );
        }
      }
    }
  });

  describe('of few slots', () => {
    let own: MigratedDatabase;
    before(async () => {
      own = await migratedDatabase();
    });
    after(() => own.drop());
    beforeEach(() => emptyTables(own.psql));

    const HOUR_AGO = 3_600;
    const enter = async (targetId: number, ...outcomes: ('up' | 'down' | 'unknown' | null)[]) => {
      const [now] = await own.rows<{ s: string }>('SELECT extract(epoch FROM now()) AS s');
      const atS = Number(now?.s) - HOUR_AGO;
      await beginRollingUp(own, atS - HOUR_AGO);
      await enterSlots(
        own,
        outcomes.map((outcome, index) => ({
          targetId,
          atS: atS + index * 10,
          outcome,
          totalUs: 1_000,
          isAnswered: true,
        })),
      );
    };
    const told = async () => {
      const rows: unknown[] = [];
      for (const isRolledUp of [false, true]) {
        if (isRolledUp) await rollUpAll(own);
        rows.push(
          await own.rows(
            "SELECT target_id::integer, uptime, coverage FROM uptime(now() - interval '1 d', now()) ORDER BY 1",
          ),
        );
      }
      expect(rows[1]).to.deep.equal(rows[0]);
      return rows[0];
    };

    const CASES: readonly (readonly [
      slots: Parameters<typeof enter>[1][],
      uptime: number | null,
      coverage: number | null,
    ])[] = [
      [['up', 'up', 'up', 'down'], 0.75, 1],
      [['up', 'unknown', 'unknown', 'unknown'], 1, 0.25],
      [['up', null, null, 'down'], 0.5, 0.5],
      [['unknown', 'unknown'], null, 0],
      [[null, null, null], null, 0],
      [['down', 'unknown'], 0, 0.5],
    ];
    for (const [slots, uptime, coverage] of CASES) {
      it(`never count unknown as up: ${slots.map(slot => slot ?? 'gap').join(', ')}`, async () => {
        await enter(1, ...slots);
        expect(await told()).to.deep.equal([{ target_id: 1, uptime, coverage }]);
      });
    }

    it('report nothing for a target without due slots, nor for the future', async () => {
      await enter(1, 'up');
      expect(
        await own.rows("SELECT * FROM uptime(now() - interval '9 d', now() - interval '8 d')"),
      ).to.deep.equal([]);
      expect(
        await own.rows("SELECT * FROM uptime(now() + interval '1 d', now() + interval '2 d')"),
      ).to.deep.equal([]);
      expect(await own.rows("SELECT * FROM latency(now(), now() - interval '1 d')")).to.deep.equal([]);
      expect(await own.rows("SELECT target_id FROM uptime('-infinity', 'infinity')")).to.deep.equal([
        { target_id: '1' },
      ]);
    });
  });
});
