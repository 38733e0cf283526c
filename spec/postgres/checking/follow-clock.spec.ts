import { expect } from 'chai';
import type { ClockSetBack } from '../../../lib/postgres/checking/follow-clock.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';
import { checked, handDrivenWorker } from '../../support/worker.ts';

describe('A database whose clock is set back', () => {
  let db: MigratedDatabase;
  let told: ClockSetBack[];
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(async () => {
    await emptyTables(db.psql);
    await db.psql.query(
      'UPDATE rollup_progress SET closed_until = bucket_of(size, now()) WHERE made_of IS NOT NULL',
    );
    told = [];
  });

  const worker = () => handDrivenWorker(db.database, { onClockSetBack: setBack => void told.push(setBack) });
  const insert = (count: number, interval: string) =>
    db.psql.query(
      `INSERT INTO monitored_targets (url, check_interval)
       SELECT 'http://localhost:1/' || number, $2::interval FROM generate_series(1, $1::integer) AS number`,
      [count, interval],
    );
  /** To the database, the same as its clock going back: all that it knows is of later. */
  const setBack = (by: string) =>
    db.psql.query(`
      UPDATE target_leases SET next_fire_at = next_fire_at + interval '${by}';
      UPDATE lease_batches SET leased_at = leased_at + interval '${by}', expires_at = expires_at + interval '${by}';
      UPDATE check_results SET scheduled_at = scheduled_at + interval '${by}';
      UPDATE rollup_progress SET closed_until = closed_until + interval '${by}' WHERE made_of IS NOT NULL`);
  const waiting = async () => {
    const [row] = await db.rows<{ targets: number }>(
      `SELECT count(*)::integer AS targets FROM target_leases WHERE next_fire_at > now() + check_interval + interval '1 s'`,
    );
    return row?.targets;
  };

  it('has its targets due again within their interval, on a grid of new moments, and says so', async () => {
    await insert(20, '10 s');
    await insert(1, '1 d'); // which is due within a day, as it should be
    const first = worker();
    await first.record((await first.lease(100)).leases.map(lease => checked(lease)));
    await setBack('1 h');
    expect(await waiting()).to.equal(20);
    await worker().lease(100);
    expect(await waiting()).to.equal(0);
    expect(told).to.have.length(1);
    expect(told[0]?.targets).to.equal(20);
    expect(told[0]?.byS).to.be.within(3_590, 3_600);
    const grids = await db.rows(
      `SELECT DISTINCT extract(microseconds FROM grid_origin - grid_origin(monitored_target_id, check_interval))::integer AS moved_us,
         date_bin(check_interval, next_fire_at, grid_origin) = next_fire_at AS is_on_grid
       FROM target_leases WHERE check_interval < '1 d'`,
    );
    expect(grids).to.deep.equal([{ moved_us: 1, is_on_grid: true }]);
    expect(
      await db.rows('SELECT closed_until FROM rollup_progress WHERE closed_until > now()'),
    ).to.deep.equal([]);
  });

  it('is followed once, by whichever worker comes first', async () => {
    await insert(3, '10 s');
    await setBack('1 h');
    await Promise.all([worker().lease(100), worker().lease(100)]);
    expect(told).to.have.length(1);
  });

  it('keeps leases as long as they were: a worker that is alive records, and a dead one’s slots do not wait', async () => {
    await insert(2, '10 s');
    const alive = worker();
    const { leases } = await alive.lease(1);
    await worker().lease(1); // dies
    await setBack('1 h');
    await worker().lease(100);
    const lasting = await db.rows(
      `SELECT leased_at <= now() AND expires_at < now() + interval '1 min' AS is_of_now FROM lease_batches`,
    );
    expect(lasting).to.deep.equal([{ is_of_now: true }, { is_of_now: true }]);
    const [lease] = leases;
    if (!lease) throw new Error('nothing was leased');
    const { lostLeaseCount } = await alive.record([checked(lease)]);
    expect(lostLeaseCount).to.equal(0);
  });

  it('sees transitions although later checks are recorded', async () => {
    await insert(1, '1 s');
    const one = worker();
    await one.record((await one.lease(1)).leases.map(lease => checked(lease)));
    await setBack('1 h');
    const two = worker();
    let { leases } = await two.lease(1);
    while (leases.length === 0) ({ leases } = await two.lease(1));
    const { transitions } = await two.record(
      leases.map(lease => checked(lease, { outcome: 'down', cause: 'connect_refused', detail: '' })),
    );
    expect(transitions.map(({ to }) => to)).to.deep.equal(['down']);
  });

  it('starts targets that are edited meanwhile on moments that are new, too', async () => {
    await insert(1, '10 s');
    await setBack('1 h');
    await worker().lease(1);
    await db.psql.query("UPDATE monitored_targets SET url = url || 'x'");
    const [row] = await db.rows(
      `SELECT next_fire_at <= now() AS is_due, grid_origin > grid_origin(monitored_target_id, check_interval) AS is_moved
       FROM target_leases`,
    );
    expect(row).to.deep.equal({ is_due: true, is_moved: true });
  });

  it('is not taken for one where a clock jumps ahead, stands, or is read late', async () => {
    await insert(5, '10 s');
    const one = worker();
    await one.lease(5);
    await setBack('-1 h');
    await one.lease(5);
    expect(told).to.deep.equal([]);
    const [row] = await db.rows('SELECT clock_behind()');
    expect(row).to.deep.equal({ clock_behind: null });
  });
});
