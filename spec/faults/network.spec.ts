import { expect } from 'chai';
import type { Lease } from '../../lib/domain/check/lease.ts';
import { connectDatabase, type Database } from '../../lib/postgres/database.ts';
import { statement } from '../../lib/sql/sql-file.ts';
import { askUntil } from '../support/ask-until.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../support/migrated-database.ts';
import { proxyBefore, type TcpProxy } from '../support/tcp-proxy.ts';
import { checked, handDrivenWorker } from '../support/worker.ts';

const DEADLINE_MS = 1_000;

describe('A network that fails between a worker and its database', () => {
  let db: MigratedDatabase;
  let proxy: TcpProxy;
  let database: Database;
  const connect = (queryTimeoutMs: number): Database =>
    connectDatabase({
      dsn: proxy.through(db.dsn),
      poolSize: 2,
      applicationName: 'far',
      connectTimeoutMs: DEADLINE_MS,
      queryTimeoutMs,
    });
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(async () => {
    await emptyTables(db.psql);
    proxy = await proxyBefore(db.dsn);
    database = connect(DEADLINE_MS);
  });
  afterEach(async () => {
    await proxy.close(); // before the pool, which would say good-bye to a black hole
    await database.close();
  });

  const addTargets = (count: number) =>
    db.psql.query(
      `INSERT INTO monitored_targets (url, check_interval)
       SELECT 'http://localhost:1/' || number, '30 d' FROM generate_series(1, $1::integer) AS number`,
      [count],
    );
  const expireLeases = () => db.psql.query('UPDATE lease_batches SET expires_at = now()');
  const rowsPerSlot = () =>
    db.rows('SELECT count(*)::integer AS rows FROM check_results GROUP BY target_id, scheduled_at');
  const sessionsWaiting = async (): Promise<number> =>
    (
      await db.database.query(
        `SELECT FROM pg_stat_activity
         WHERE application_name = 'far' AND datname = current_database() AND wait_event_type = 'Lock'`,
      )
    ).length;

  it('by swallowing everything: a query ends at its deadline, its connection is destroyed, and the next one works', async () => {
    await database.query('SELECT 1');
    proxy.blackhole();
    const sentAtMs = performance.now();
    const failed = await database.query('SELECT 1').catch(error => error);
    expect(failed).to.be.an('error').with.property('message', 'Query read timeout');
    expect(performance.now() - sentAtMs).to.be.within(DEADLINE_MS - 5, 5 * DEADLINE_MS);
    proxy.heal();
    expect(await database.query('SELECT 2 AS two')).to.deep.equal([{ two: 2 }]);
    expect(proxy.openCount(), 'the new connection alone').to.equal(1);
  });

  it('by swallowing everything amid a takeover: the server lets go of its locks, so that others can take over', async () => {
    await addTargets(3);
    await handDrivenWorker(db.database).lease(3);
    await expireLeases();
    const claimed = database.transaction(async query => {
      await query(statement('claim-expired-batch'), [[]]);
      proxy.blackhole();
      return query('SELECT 1');
    });
    expect(await claimed.catch(error => error)).to.be.an('error');
    const near = handDrivenWorker(db.database);
    let leases: readonly Lease[] = [];
    await askUntil(async () => {
      leases = (await near.lease(3)).leases;
      return leases.length > 0;
    });
    expect(leases).to.have.length(3);
  });

  // The answer to three recorded checks has some 100 bytes.
  for (const bytes of [0, 1, 5, 11, 60, 90]) {
    it(`by cutting the connection after ${bytes} bytes of the answer: what was recorded is sent again, and there once`, async () => {
      await addTargets(3);
      const worker = handDrivenWorker(database);
      const { leases } = await worker.lease(3);
      proxy.cutAfter(bytes);
      const report = await worker.record(leases.map(lease => checked(lease)));
      expect(worker.troubles).to.have.length(1);
      expect(report.recorded).to.have.length(3);
      expect(report).to.include({ lostLeaseCount: 0, rejectedCount: 0 });
      expect(await rowsPerSlot()).to.deep.equal([{ rows: 1 }, { rows: 1 }, { rows: 1 }]);
      expect(await db.rows('SELECT FROM lease_batches')).to.deep.equal([]);
    });
  }

  it('by a cut while the server still works on the statement: sent again beside itself, it records once', async () => {
    await addTargets(3);
    const patient = connect(60_000); // on a busy machine both statements must still wait when they are counted
    const worker = handDrivenWorker(patient);
    const { leases } = await worker.lease(3);
    await db.psql.query('BEGIN; SELECT FROM lease_batches FOR UPDATE');
    const recording = worker.record(leases.map(lease => checked(lease)));
    await askUntil(async () => (await sessionsWaiting()) >= 1);
    proxy.cut();
    await askUntil(async () => (await sessionsWaiting()) >= 2);
    await db.psql.query('COMMIT');
    const report = await recording;
    expect(report.recorded).to.have.length(3);
    expect(report.lostLeaseCount).to.equal(0);
    expect(await rowsPerSlot()).to.deep.equal([{ rows: 1 }, { rows: 1 }, { rows: 1 }]);
    await patient.close();
  });
});
