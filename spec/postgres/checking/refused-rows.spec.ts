import { expect } from 'chai';
import type { Lease } from '../../../lib/domain/check/lease.ts';
import { connectDatabase, type Database } from '../../../lib/postgres/database.ts';
import { prepareDatabase, RowSecurityError } from '../../../lib/postgres/prepare-database.ts';
import { statement } from '../../../lib/sql/sql-file.ts';
import { failureOf } from '../../support/failure-of.ts';
import {
  emptyTables,
  type MigratedDatabase,
  migratedDatabase,
  setGridsApart,
} from '../../support/migrated-database.ts';
import { checked, handDrivenWorker, skipped } from '../../support/worker.ts';

const ROLE = `refused_${process.pid}_${Date.now()}`;

describe('What an administrator makes the database refuse', () => {
  let db: MigratedDatabase;
  /** As a role that may read and write all tables and call all functions, but owns none */
  let limited: Database;
  before(async () => {
    db = await migratedDatabase();
    await db.psql.query(
      `CREATE ROLE ${ROLE} LOGIN PASSWORD 'spec'; GRANT USAGE ON SCHEMA website_monitor TO ${ROLE};
       GRANT ALL ON ALL TABLES IN SCHEMA website_monitor TO ${ROLE};
       GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA website_monitor TO ${ROLE}`,
    );
    const dsn = new URL(db.dsn);
    dsn.username = ROLE;
    dsn.password = 'spec';
    limited = connectDatabase({
      dsn: dsn.href,
      poolSize: 2,
      applicationName: 'spec',
      seesEveryRow: true,
    });
  });
  beforeEach(() => emptyTables(db.psql));
  after(async () => {
    await limited.close();
    await db.psql.query(`DROP OWNED BY ${ROLE}; DROP ROLE ${ROLE}`);
    await db.drop();
  });

  const leaseSeven = async (database: Database) => {
    await db.psql.query(
      "INSERT INTO monitored_targets (url) SELECT 'http://localhost:1/' || n FROM generate_series(1, 7) AS n",
    );
    await setGridsApart(db.psql);
    const worker = handDrivenWorker(database);
    return { worker, leases: (await worker.lease(7)).leases as Lease[] };
  };
  const facts = async () => {
    const [row] = await db.rows(
      `SELECT (SELECT count(*)::integer FROM check_results WHERE outcome = 'up') AS up,
         (SELECT count(*)::integer FROM check_results WHERE outcome = 'unknown') AS unknown,
         (SELECT count(*)::integer FROM lease_batches) AS batches,
         (SELECT string_agg(target_id || ' ' || reason, ', ') FROM check_gaps) AS gaps`,
    );
    return row;
  };
  const refusing = (table: string, condition: string): Promise<unknown> =>
    db.psql.query(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN IF ${condition} THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$;
       CREATE TRIGGER refuse BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse()`,
    );

  describe('by a trigger', () => {
    afterEach(() => db.psql.query('DROP FUNCTION refuse CASCADE'));

    it('one check, whatever its content: it becomes a gap, and the others are recorded', async () => {
      await refusing('check_results', 'NEW.target_id = 4');
      const { worker, leases } = await leaseSeven(db.database);
      const report = await worker.record(leases.map(lease => checked(lease)));
      expect(report).to.deep.include({ lostLeaseCount: 0, rejectedCount: 1 });
      expect(await facts()).to.deep.equal({ up: 6, unknown: 0, batches: 0, gaps: '4 record_refused' });
    });

    it('the content of one check: it is recorded as unknown', async () => {
      await refusing('check_results', 'NEW.target_id = 4 AND NEW.http_status = 200');
      const { worker, leases } = await leaseSeven(db.database);
      await worker.record(leases.map(lease => checked(lease)));
      expect(await facts()).to.deep.equal({ up: 6, unknown: 1, batches: 0, gaps: null });
    });

    it('one gap: the other slots are recorded', async () => {
      await refusing('check_gaps', 'NEW.target_id = 4');
      const { worker, leases } = await leaseSeven(db.database);
      const settle = (lease: Lease) => (lease.target.id === '4' ? skipped(lease) : checked(lease));
      const report = await worker.record(leases.map(settle));
      expect(report).to.deep.include({ lostLeaseCount: 0, rejectedCount: 1 });
      expect(await facts()).to.deep.equal({ up: 6, unknown: 0, batches: 0, gaps: null });
    });
  });

  it('by row security, one check: it becomes a gap, and the others are recorded', async () => {
    await db.psql.query(
      `ALTER TABLE check_results ENABLE ROW LEVEL SECURITY;
       CREATE POLICY readable ON check_results FOR SELECT USING (true);
       CREATE POLICY writable ON check_results FOR INSERT WITH CHECK (target_id <> 4)`,
    );
    const { worker, leases } = await leaseSeven(limited);
    await worker.record(leases.map(lease => checked(lease)));
    await db.psql.query('ALTER TABLE check_results DISABLE ROW LEVEL SECURITY');
    expect(await facts()).to.deep.equal({ up: 6, unknown: 0, batches: 0, gaps: '4 record_refused' });
  });

  it('by a missing right, every check: all are recorded once it is there', async () => {
    const { worker, leases } = await leaseSeven(limited);
    await db.psql.query(`REVOKE INSERT ON check_results FROM ${ROLE}`);
    const recording = worker.record(leases.map(lease => checked(lease)));
    while (worker.troubles.length === 0) await db.rows('SELECT pg_sleep(0.01)');
    await db.psql.query(`GRANT INSERT ON check_results TO ${ROLE}`);
    expect(await recording).to.deep.include({ lostLeaseCount: 0, rejectedCount: 0 });
    expect(await facts()).to.deep.equal({ up: 7, unknown: 0, batches: 0, gaps: null });
  });

  it('to show, by row security on targets: no slot is leased and lost, and a start is refused', async () => {
    await db.psql.query(
      `INSERT INTO monitored_targets (url) VALUES ('http://localhost:1/');
       ALTER TABLE monitored_targets ENABLE ROW LEVEL SECURITY`,
    );
    const values = [10, 'spec', 1000, 1000, [], 1, 0];
    expect((await failureOf(limited.query(statement('lease'), values))).message).to.match(
      /row-level security/,
    );
    const refusal = await failureOf(prepareDatabase(limited, { migrate: false, onWaiting: () => {} }));
    await db.psql.query('ALTER TABLE monitored_targets DISABLE ROW LEVEL SECURITY');
    expect(refusal).to.be.instanceOf(RowSecurityError);
    expect(refusal.message).to.match(/monitored_targets.*BYPASSRLS/);
    expect(await db.rows('SELECT FROM target_leases WHERE next_fire_at <= now()')).to.have.length(1);
  });

  it('to change, by a publication of all tables: no table, since each has a replica identity', async () => {
    const bare = await db.rows(
      `SELECT relname FROM pg_class AS class
       WHERE relnamespace = 'website_monitor'::regnamespace AND relkind IN ('r', 'p') AND relreplident = 'd'
         AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = class.oid AND indisprimary)`,
    );
    expect(bare).to.deep.equal([]);
    await db.psql.query('CREATE PUBLICATION everything FOR ALL TABLES');
    await db.psql.query(
      "INSERT INTO rollup_dirty SELECT 1, now() - interval '1 h', now() - interval '1 h'; SELECT roll_up()",
    );
    await db.psql.query('DROP PUBLICATION everything');
    expect(await db.rows('TABLE rollup_dirty')).to.deep.equal([]);
  });
});
