import { expect } from 'chai';
import type { Check } from '../../../lib/domain/check/check.ts';
import type { Lease } from '../../../lib/domain/check/lease.ts';
import { statement } from '../../../lib/sql/sql-file.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';
import { psqlLike } from '../../support/postgres.ts';
import { checked, down, type HandDrivenWorker, handDrivenWorker, unknown } from '../../support/worker.ts';

describe('incidents', () => {
  let db: MigratedDatabase;
  let worker: HandDrivenWorker;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(async () => {
    await emptyTables(db.psql);
    worker = handDrivenWorker(db.database);
    await db.psql.query(
      "INSERT INTO monitored_targets (url, check_interval) VALUES ('http://localhost:1/', '1 h')",
    );
  });

  const makeDue = () => db.psql.query("UPDATE target_leases SET next_fire_at = now() - interval '1 ms'");
  const lease = async (by = worker): Promise<Lease> => {
    await makeDue();
    const [leased] = (await by.lease(1)).leases;
    if (!leased) throw new Error('nothing was due');
    return leased;
  };
  /** The next slot of the target, as `outcome` has it. */
  const check = async (outcome: (lease: Lease) => Check) => {
    const { transitions } = await worker.record([outcome(await lease())]);
    return transitions.map(({ to }) => to);
  };
  const incidents = () =>
    db.rows('SELECT target_id, ended_at IS NULL AS open, cause, detail FROM incidents ORDER BY started_at');
  const OPEN = { target_id: '1', open: true, cause: 'http_status', detail: 'the final status is 503' };
  const ENDED = { ...OPEN, open: false };

  it('begin with the first check that is down, and report the transition once', async () => {
    expect(await check(down)).to.deep.equal(['down']);
    expect(await check(down)).to.deep.equal([]);
    expect(await incidents()).to.deep.equal([OPEN]);
  });

  it('end with the first check that is up again, at its slot', async () => {
    await check(down);
    expect(await check(checked)).to.deep.equal(['up']);
    expect(await check(checked)).to.deep.equal([]);
    expect(await incidents()).to.deep.equal([ENDED]);
    const slots = await db.rows(
      `SELECT incident.started_at = (SELECT min(scheduled_at) FROM check_results WHERE outcome = 'down') AS starts,
         ended_at = (SELECT min(scheduled_at) FROM check_results WHERE outcome = 'up') AS ends
       FROM incidents AS incident`,
    );
    expect(slots).to.deep.equal([{ starts: true, ends: true }]);
  });

  it('neither begin nor end with an unknown check', async () => {
    expect(await check(unknown)).to.deep.equal([]);
    expect(await incidents()).to.deep.equal([]);
    await check(down);
    expect(await check(unknown)).to.deep.equal([]);
    expect(await incidents()).to.deep.equal([OPEN]);
  });

  it('make a lease say that its target is down', async () => {
    expect((await lease()).isDown).to.equal(false);
    await check(down);
    expect((await lease()).isDown).to.equal(true);
    await db.psql.query('UPDATE lease_batches SET expires_at = now()');
    const [takenOver] = (await handDrivenWorker(db.database).lease(1)).leases;
    expect(takenOver).to.include({ isDown: true, epoch: 2 });
    await check(checked);
    expect((await lease()).isDown).to.equal(false);
  });

  it('follow the newest of several checks recorded together', async () => {
    const [first, second] = [await lease(), await lease()];
    const { transitions } = await worker.record([down(first), checked(second)]);
    expect(transitions).to.deep.equal([]);
    expect(await incidents()).to.deep.equal([]);
  });

  it('ignore a check that is recorded after a newer one', async () => {
    const [late, early] = [await lease(), await lease()];
    await worker.record([checked(early)]);
    const { transitions, recorded } = await worker.record([down(late)]);
    expect(recorded).to.have.length(1);
    expect(transitions).to.deep.equal([]);
    expect(await incidents()).to.deep.equal([]);
  });

  it('number at most one per target when workers record at the same time', async () => {
    const workers = Array.from({ length: 4 }, () => handDrivenWorker(db.database));
    const leases: Lease[] = [];
    for (const by of workers) leases.push(await lease(by));
    const reports = await Promise.all(
      workers.map((by, index) => by.record(leases.slice(index, index + 1).map(slot => down(slot)))),
    );
    expect(reports.flatMap(({ transitions }) => transitions)).to.have.length(1);
    expect(await incidents()).to.deep.equal([OPEN]);
  });

  for (const [what, statement] of [
    ['disabled', 'UPDATE monitored_targets SET enabled = false'],
    ['deleted', 'DELETE FROM monitored_targets'],
  ] as const) {
    it(`end when their target is ${what}, and do not begin after that`, async () => {
      const inFlight = await lease();
      await check(down);
      await db.psql.query(statement);
      expect(await incidents()).to.deep.equal([ENDED]);
      const { recorded, transitions } = await worker.record([down(inFlight)]);
      expect(recorded).to.have.length(1);
      expect(transitions).to.deep.equal([]);
      expect(await incidents()).to.deep.equal([ENDED]);
    });
  }

  it('wait for the next check when a user’s open transaction has them locked, and do not block recording', async () => {
    await check(down);
    const user = await psqlLike(db.dsn);
    const slot = await lease();
    await user.query('BEGIN; UPDATE website_monitor.monitored_targets SET enabled = false');
    expect((await worker.record([checked(slot)])).transitions).to.deep.equal([]);
    await user.query('ROLLBACK');
    expect(await check(checked)).to.deep.equal(['up']);

    const next = await lease();
    await user.query('BEGIN; DELETE FROM website_monitor.monitored_targets');
    const { recorded, transitions } = await worker.record([down(next)]);
    expect([recorded.length, transitions.length]).to.deep.equal([1, 0]);
    await user.query('ROLLBACK');
    expect(await check(down)).to.deep.equal(['down']);
    await user.end();
  });

  it('begin while another worker leases the target’s next slot, without blocking it', async () => {
    const slot = await lease();
    await makeDue();
    const other = await psqlLike(db.dsn);
    await other.query('BEGIN');
    await other.query(statement('lease'), [1, 'other', 10_000, 5_000, [], 1, 0]);
    const { transitions } = await worker.record([down(slot)]);
    await other.query('ROLLBACK');
    expect(transitions).to.have.length(1);

    await other.query('BEGIN; SELECT FROM website_monitor.target_leases FOR KEY SHARE'); // as recording does
    const { leases } = await handDrivenWorker(db.database).lease(1);
    await other.query('ROLLBACK');
    await other.end();
    expect(leases).to.have.length(1);
  });

  it('keep the cause of the first attempt if further attempts were made', async () => {
    const slot = await lease();
    await worker.record([{ ...checked(slot), confirmations: { count: 1, firstCause: 'connection_reset' } }]);
    const rows = await db.rows('SELECT outcome, rechecks, first_cause FROM check_results');
    expect(rows).to.deep.equal([{ outcome: 'up', rechecks: 1, first_cause: 'connection_reset' }]);
  });
});
