import { expect } from 'chai';
import { from, lastValueFrom, map } from 'rxjs';
import sinon from 'sinon';
import type { Check } from '../../../lib/domain/check/check.ts';
import type { Database } from '../../../lib/postgres/database.ts';
import { recordStates } from '../../../lib/postgres/upkeep/record-states.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';
import { checked, handDrivenWorker } from '../../support/worker.ts';

describe('recordStates', () => {
  let db: MigratedDatabase;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(async () => {
    await emptyTables(db.psql);
    await db.psql.query('TRUNCATE conditions, unknown_targets');
  });

  const leased = async (slowAbove: string | null): Promise<Check> => {
    await db.psql.query(
      "INSERT INTO monitored_targets (url, check_interval, slow_above) VALUES ('http://localhost:1/', '1 h', $1::interval)",
      [slowAbove],
    );
    await db.psql.query("UPDATE target_leases SET next_fire_at = now() - interval '1 ms'");
    const [lease] = (await handDrivenWorker(db.database).lease(1)).leases;
    if (!lease) throw new Error('nothing was due');
    return checked(lease);
  };
  const record = async (...checks: Check[]) => {
    const query = sinon.spy(db.database.query);
    const onTrouble = sinon.fake();
    const record = recordStates({ ...db.database, query } as Database, onTrouble);
    const batch = (recorded: readonly Check[]) => ({
      settled: recorded,
      recorded,
      transitions: [],
      lostLeaseCount: 0,
      rejectedCount: 0,
    });
    await lastValueFrom(from([checks]).pipe(map(batch), record), { defaultValue: null });
    sinon.assert.notCalled(onTrouble);
    return query;
  };

  it('asks nothing about a check that is up, of a target without slow_above', async () => {
    const check = await leased(null);
    expect(check.lease.target.slowAboveMs).to.equal(null);
    sinon.assert.notCalled(await record(check));
  });

  it('finds out whether a target with slow_above is slow', async () => {
    const check = await leased('500 ms');
    const { id, slowAboveMs } = check.lease.target;
    expect(slowAboveMs).to.equal(500);
    await db.psql.query(
      `INSERT INTO check_results (target_id, scheduled_at, started_at, outcome, target_version, total_us, body_cut)
       SELECT $1, now() - n * interval '1 min', now(), 'up', 1, 900000, false FROM generate_series(1, 3) AS n`,
      [id],
    );
    await record(check);
    expect(await db.rows('SELECT kind, target_id, cause, ended_at FROM conditions')).to.deep.equal([
      { kind: 'slow', target_id: id, cause: 'slow', ended_at: null },
    ]);
  });

  it('notes since when a target is unknown, once', async () => {
    const check = await leased(null);
    const unknown: Check = {
      ...check,
      verdict: { outcome: 'unknown', cause: 'resolver_unavailable', detail: 'x' },
    };
    await record(unknown);
    const slot = { ...unknown.lease.slot, scheduledAt: '2999-01-01 00:00:00+00' };
    await record({ ...unknown, lease: { ...unknown.lease, slot } });
    const rows = await db.rows('SELECT target_id, since = $1::timestamptz AS is_first FROM unknown_targets', [
      check.lease.slot.scheduledAt,
    ]);
    expect(rows).to.deep.equal([{ target_id: check.lease.target.id, is_first: true }]);
  });
});
