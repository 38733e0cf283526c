import { expect } from 'chai';
import { lastValueFrom, of } from 'rxjs';
import type { Check } from '../../../lib/domain/check/check.ts';
import type { Lease } from '../../../lib/domain/check/lease.ts';
import { parseSelection, type TargetSelection } from '../../../lib/domain/target/target-selection.ts';
import { targetStatesReader } from '../../../lib/postgres/reports/read-target-states.ts';
import { recordObservations } from '../../../lib/postgres/upkeep/record-observations.ts';
import { statement } from '../../../lib/sql/sql-file.ts';
import { buffersTouched, explained, tablesScanned } from '../../support/explained.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';
import { fillTables } from '../../support/statements-at-work.ts';
import { checked, down, type HandDrivenWorker, handDrivenWorker, unknown } from '../../support/worker.ts';

const SETTINGS = { timeoutMs: 10_000, attemptsMax: 2, leaseMarginMs: 5_000 };

const selectionOf = (query: string): TargetSelection => {
  const selection = parseSelection(new URLSearchParams(query));
  if (typeof selection === 'string') throw new Error(selection);
  return selection;
};

describe('targetStatesReader', () => {
  let db: MigratedDatabase;
  let worker: HandDrivenWorker;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(async () => {
    await emptyTables(db.psql);
    worker = handDrivenWorker(db.database);
  });

  const read = (query = '', targetsMax = 100) =>
    targetStatesReader(db.database, SETTINGS)(selectionOf(query), targetsMax);
  const idsOf = async (query: string, targetsMax?: number) =>
    (await read(query, targetsMax)).map(({ id }) => Number(id)).sort((one, other) => one - other);
  const addTargets = (count: number) =>
    db.psql.query(
      `INSERT INTO monitored_targets (url, check_interval)
       SELECT 'http://localhost:1/' || number, '1 h' FROM generate_series(1, $1::integer) AS number`,
      [count],
    );
  /** Checks all targets that are due, all of them with that outcome. */
  const check = async (outcome: (lease: Lease) => Check) => {
    await db.psql.query("UPDATE target_leases SET next_fire_at = now() - interval '1 ms'");
    const { leases } = await worker.lease(100);
    return worker.record(leases.map(lease => outcome(lease)));
  };
  /** As if everything had happened that much sooner */
  const age = (by: string) =>
    db.psql.query(
      `UPDATE check_results SET scheduled_at = scheduled_at - $1::interval, started_at = started_at - $1::interval`,
      [by],
    );

  it('returns the last check of each target', async () => {
    await addTargets(1);
    const { recorded } = await check(down);
    const [state] = await read();
    expect(state).to.include({ id: '1', url: 'http://localhost:1/1', certificateExpiresS: null });
    expect(state?.last).to.deep.include({
      outcome: 'down',
      httpStatus: 503,
      phases: { dnsUs: 1, connectUs: 2, tlsUs: null, ttfbUs: 3, transferUs: 4, totalUs: 10 },
    });
    const startedMs = recorded[0]?.startedAtMs ?? Number.NaN;
    expect(state?.last?.startedS).to.be.closeTo(startedMs / 1e3, 1e-3);
    expect(state?.downSinceS).to.be.closeTo((startedMs - 1.5) / 1e3, 1e-3);
  });

  it('returns when a target went down until a check is up', async () => {
    await addTargets(1);
    await check(down);
    await check(unknown);
    const [unsure] = await read();
    expect(unsure?.last?.outcome).to.equal('unknown');
    expect(unsure?.downSinceS).to.be.a('number');
    await check(checked);
    const [up] = await read();
    expect(up?.last?.outcome).to.equal('up');
    expect(up?.downSinceS).to.equal(null);
  });

  // One interval, and what two attempts of 10 s and a margin of 5 s take; or of the target's own timeout
  for (const [timeout, ago, seen] of [
    [null, '1 h', true],
    [null, '1 h 20 s', true],
    [null, '1 h 30 s', false],
    ['1 min', '1 h 110 s', true],
    ['1 min', '1 h 130 s', false],
    [null, '2 d', false],
  ] as const) {
    it(`${seen ? 'still says' : 'no longer says'} of ${ago} ago what it was, every hour with a timeout of ${timeout ?? 'the service’s'}`, async () => {
      await addTargets(1);
      await db.psql.query('UPDATE monitored_targets SET timeout = $1', [timeout]);
      await check(checked);
      await age(ago);
      const [state] = await read();
      expect(state?.id).to.equal('1');
      expect(state?.last !== null).to.equal(seen);
    });
  }

  it('says when the certificate expires that was presented last', async () => {
    await addTargets(1);
    const certificate = {
      expiresAtMs: 1_900_000_000_000,
      host: 'localhost',
      subject: '',
      issuer: '',
      fingerprint: 'a',
    };
    const recorded = await check(lease => ({ ...checked(lease), certificate }));
    const settings = { onTrouble: () => {}, monotonicMs: () => 0 };
    await lastValueFrom(of(recorded).pipe(recordObservations(db.database, settings)), { defaultValue: null });
    expect((await read())[0]?.certificateExpiresS).to.equal(1_900_000_000);
  });

  it('reads those asked for, and of these the enabled', async () => {
    await addTargets(9);
    await db.psql.query('UPDATE monitored_targets SET enabled = false WHERE id = 3');
    for (const [query, ids] of [
      ['', [1, 2, 4, 5, 6, 7, 8, 9]],
      ['id=2', [2]],
      ['id=3', []],
      ['id=99', []],
      ['id=2-5&id=8&id=4-6', [2, 4, 5, 6, 8]],
    ] as const)
      expect(await idsOf(query), query).to.deep.equal(ids);
  });

  it('reads only targets that are down, on request', async () => {
    await addTargets(4);
    await check(lease => (Number(lease.target.id) % 2 ? checked(lease) : down(lease)));
    expect(await idsOf('only=down')).to.deep.equal([2, 4]);
    expect(await idsOf('only=down&id=3-9')).to.deep.equal([4]);
    await db.psql.query('DELETE FROM monitored_targets WHERE id = 4');
    expect(await idsOf('only=down')).to.deep.equal([2]);
  });

  it('reads no more than its limit, over all ranges', async () => {
    await addTargets(9);
    await check(down);
    for (const query of ['', 'id=1-2&id=4-5&id=7-9', 'only=down'])
      expect(await idsOf(query, 3), query).to.have.length(3);
  });

  describe('among many targets, under a generic plan and stale statistics', () => {
    const MANY = 20_000;
    const pagesOf = async (query: string, targetsMax: number) => {
      const { database, planOf } = await explained(db.dsn, 'force_generic_plan');
      const states = await targetStatesReader(database, SETTINGS)(selectionOf(query), targetsMax);
      await database.close();
      const plan = planOf(statement('target-states'));
      expect(tablesScanned(plan)).to.deep.equal([]);
      return { count: states.length, pagesEach: buffersTouched(plan) / states.length };
    };

    it('touches as many pages for each target as among few, and scans no table', async function () {
      this.timeout(60_000);
      await fillTables(db.psql, MANY);
      const few = await pagesOf('id=1-10', 100);
      const many = await pagesOf('', 1_000);
      expect([few.count, many.count]).to.deep.equal([10, 1_000]);
      expect(many.pagesEach, `${few.pagesEach} → ${many.pagesEach}`).to.be.below(1.5 * few.pagesEach);
      expect(many.pagesEach).to.be.below(100);
    });
  });
});
