import { expect } from 'chai';
import type { Lease } from '../../../lib/domain/check/lease.ts';
import type { Database } from '../../../lib/postgres/database.ts';
import {
  emptyTables,
  type MigratedDatabase,
  migratedDatabase,
  setGridsApart,
} from '../../support/migrated-database.ts';
import { checked, down, handDrivenWorker, returned, skipped } from '../../support/worker.ts';

describe('recording', () => {
  let db: MigratedDatabase;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(() => emptyTables(db.psql));

  const leaseOf = async (count: number, database = db.database) => {
    await db.psql.query(
      `INSERT INTO monitored_targets (url, default_headers)
       SELECT 'http://localhost:1/' || number, '{"authorization": "Bearer secret"}' FROM generate_series(1, $1::integer) AS number`,
      [count],
    );
    await setGridsApart(db.psql);
    const worker = handDrivenWorker(database, { worker: 'recorder' });
    return { worker, leases: (await worker.lease(count)).leases };
  };
  const countOf = async (table: string): Promise<number> =>
    Number((await db.rows<{ count: string }>(`SELECT count(*) FROM ${table}`))[0]?.count);

  it('records when each check ran, how long each phase took, the status and the match', async () => {
    const { worker, leases } = await leaseOf(1);
    const [lease] = leases as [Lease];
    await worker.record([{ ...checked(lease), match: { kind: 'found' } }]);
    const [row] = await db.rows(
      `SELECT target_id, extract(epoch FROM started_at - scheduled_at)::float8 AS lag, outcome, cause, http_status,
         regex_match, body_cut, dns_us, connect_us, tls_us, ttfb_us, transfer_us, total_us, target_version
       FROM check_results`,
    );
    expect(row).to.deep.include({
      target_id: '1',
      outcome: 'up',
      cause: null,
      http_status: 200,
      regex_match: true,
      body_cut: false,
      dns_us: 1,
      connect_us: 2,
      tls_us: null,
      ttfb_us: 3,
      transfer_us: 4,
      total_us: 10,
      target_version: 1,
    });
    expect(row?.lag).to.be.closeTo(0.0015, 0.000002);
  });

  it('deletes a batch with its last slot, not before', async () => {
    const { worker, leases } = await leaseOf(2);
    const [first, second] = leases as [Lease, Lease];
    await worker.record([checked(first)]);
    expect(await countOf('lease_batches')).to.equal(1);
    await worker.record([checked(second)]);
    expect(await countOf('lease_batches')).to.equal(0);
  });

  it('records a skipped slot once, as a gap with its reason, and ends its lease', async () => {
    const { worker, leases } = await leaseOf(2);
    const [first, second] = leases as [Lease, Lease];
    await worker.record([skipped(first), checked(second)]);
    expect(
      await db.rows(
        `SELECT target_id, first_slot = $1 AND last_slot = $1 AS is_the_slot, slots, reason FROM check_gaps`,
        [first.slot.scheduledAt],
      ),
    ).to.deep.equal([{ target_id: first.target.id, is_the_slot: true, slots: '1', reason: 'still_running' }]);
    expect(await countOf('check_results')).to.equal(1);
    expect(await countOf('lease_batches')).to.equal(0);
  });

  it('records no gap for a slot that another worker has taken over', async () => {
    const { worker, leases } = await leaseOf(1);
    await db.psql.query('UPDATE lease_batches SET epoch = epoch + 1');
    await worker.record((leases as [Lease]).map(skipped));
    expect(await countOf('check_gaps')).to.equal(0);
  });

  it('writes one row in failure_log for each check that is not up, without header values', async () => {
    const { worker, leases } = await leaseOf(3);
    const [up, sick, odd] = leases as [Lease, Lease, Lease];
    const unknown = checked(odd, { outcome: 'unknown', cause: 'out_of_resources', detail: 'EMFILE' });
    await worker.record([checked(up), down(sick), unknown]);
    const rows = await db.rows<{ target_snapshot: { headers: unknown; url: string } }>(
      'SELECT target_id, cause, detail, worker, target_snapshot FROM failure_log ORDER BY target_id',
    );
    expect(rows.map(({ target_snapshot, ...row }) => row)).to.deep.equal([
      {
        target_id: sick.target.id,
        cause: 'http_status',
        detail: 'the final status is 503',
        worker: 'recorder',
      },
      { target_id: odd.target.id, cause: 'out_of_resources', detail: 'EMFILE', worker: 'recorder' },
    ]);
    expect(rows[0]?.target_snapshot).to.deep.include({ url: sick.target.url, headers: ['authorization'] });
    expect(JSON.stringify(rows)).to.not.include('secret');
  });

  it('keeps the results and failures of a target deleted during or after its check', async () => {
    const { worker, leases } = await leaseOf(1);
    await db.psql.query('DELETE FROM monitored_targets');
    const report = await worker.record(leases.map(lease => down(lease)));
    expect(report.recorded).to.have.length(1);
    expect(await countOf('check_results')).to.equal(1);
    expect(await countOf('failure_log')).to.equal(1);
    expect(await countOf('lease_batches')).to.equal(0);
  });

  it('records a check with the target version that it ran with, even if the target was edited meanwhile', async () => {
    const { worker, leases } = await leaseOf(1);
    await db.psql.query("UPDATE monitored_targets SET url = 'http://localhost:2/'");
    await worker.record(leases.map(lease => checked(lease)));
    expect(await db.rows('SELECT target_version FROM check_results')).to.deep.equal([{ target_version: 1 }]);
  });

  it('records a slot at most once: the first record stays', async () => {
    const { worker, leases } = await leaseOf(2);
    const [first, second] = leases as [Lease, Lease];
    await worker.record([checked(first)]);
    const repeated = { ...second, slot: first.slot };
    const report = await worker.record([{ ...down(repeated), startedAtMs: 0 }]);
    expect(report).to.deep.include({ recorded: [], lostLeaseCount: 1 });
    expect(await db.rows('SELECT outcome FROM check_results')).to.deep.equal([{ outcome: 'up' }]);
    expect(await countOf('failure_log')).to.equal(0);
  });

  it('repeats the statement if the answer to a commit was lost, and recognises its own rows', async () => {
    let cuts = 0;
    const cutting: Database = {
      ...db.database,
      query: async (text, values) => {
        const rows = await db.database.query(text, values);
        if (text.includes('check_results') && text.includes('unnest') && cuts++ === 0) {
          throw new Error('Connection terminated unexpectedly');
        }
        return rows as never;
      },
    };
    const { worker, leases } = await leaseOf(3, cutting);
    const report = await worker.record(leases.map(lease => checked(lease)));
    expect(cuts).to.equal(2);
    expect(report.settled).to.have.length(3);
    expect(report).to.deep.include({ lostLeaseCount: 0, rejectedCount: 0 });
    expect(report.recorded).to.have.length(3);
    expect(await countOf('check_results')).to.equal(3);
  });

  it('records a check as unknown if PostgreSQL rejects its row, and the others as they are', async () => {
    const { worker, leases } = await leaseOf(7);
    const settled = leases.map((lease, index) =>
      index === 4 ? { ...checked(lease), httpStatus: 99_999 } : checked(lease),
    );
    const report = await worker.record(settled);
    expect(report.settled).to.have.length(7);
    expect(report).to.deep.include({ lostLeaseCount: 0, rejectedCount: 1 });
    expect(await countOf('check_results')).to.equal(7);
    expect(await countOf('lease_batches')).to.equal(0);
    const odd = await db.rows("SELECT target_id, outcome, cause FROM check_results WHERE outcome <> 'up'");
    expect(odd).to.deep.equal([
      { target_id: leases[4]?.target.id, outcome: 'unknown', cause: 'internal_error' },
    ]);
  });

  it('records details that PostgreSQL cannot store unchanged', async () => {
    const { worker, leases } = await leaseOf(1);
    await worker.record(
      leases.map(lease => down(lease, `nul \u0000, half \ud800, ${'long '.repeat(100_000)}`)),
    );
    const [row] = await db.rows<{ detail: string }>('SELECT detail FROM failure_log');
    expect(row?.detail).to.match(/^nul {2}, half \ufffd, long/);
    expect(row?.detail.length).to.be.at.most(500);
    expect(worker.troubles).to.deep.equal([]);
  });

  it('records finished checks and gives returned slots back in one statement on shutdown', async () => {
    const { worker, leases } = await leaseOf(3);
    const [ran, ...others] = leases as [Lease, Lease, Lease];
    const report = await worker.record([checked(ran), ...others.map(returned)]);
    expect(report.settled).to.have.length(3);
    expect(report).to.deep.include({ lostLeaseCount: 0 });
    expect(await db.rows('SELECT FROM lease_batches WHERE expires_at <= now()')).to.have.length(1);
  });

  it('accepts slots of any age: without a partition for their day they go to the default one, and move later', async () => {
    const { worker, leases } = await leaseOf(1);
    const [lease] = leases as [Lease];
    const later = "((now() AT TIME ZONE 'UTC')::date + 9)::timestamp AT TIME ZONE 'UTC'";
    const [slot] = await db.rows<{ at: string }>(`SELECT (${later} + interval '1 h')::text AS at`);
    await worker.record([checked({ ...lease, slot: { ...lease.slot, scheduledAt: slot?.at ?? '' } })]);
    expect(await countOf('check_results_default')).to.equal(1);
    await db.psql.query('SELECT ensure_partitions(10)');
    expect(await countOf('check_results_default')).to.equal(0);
    expect(await countOf('check_results')).to.equal(1);
  });
});
