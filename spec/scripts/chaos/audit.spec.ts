import { expect } from 'chai';
import { type Audit, audit, breachesOf } from '../../../scripts/chaos/audit.ts';
import { sqlText } from '../../../scripts/chaos/scene.ts';
import type { Request } from '../../../scripts/chaos/website.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';

const UP = 'http://127.0.0.1:1/up/1';
const DOWN = 'http://127.0.0.1:1/down/2';
const GRID_SLOT = `(SELECT max(slot) FROM chaos.due WHERE target_id = 1)`;

const CHECK_EVERYTHING = `
  INSERT INTO check_results (target_id, scheduled_at, started_at, outcome, cause, target_version, total_us, http_status, body_cut)
  SELECT target_id, slot, slot + interval '5 ms', CASE target_id WHEN 1 THEN 'up' ELSE 'down' END::check_outcome,
    CASE target_id WHEN 2 THEN 'http_status' END::check_cause, 1, 1000, CASE target_id WHEN 1 THEN 200 ELSE 500 END, false
  FROM chaos.due`;

describe('The audit of npm run chaos', () => {
  let db: MigratedDatabase;
  let requests: Request[];
  let horizon: Date;

  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());

  beforeEach(async () => {
    await db.psql.query('DROP SCHEMA IF EXISTS chaos CASCADE');
    await emptyTables(db.psql);
    horizon = new Date(Date.now() + 600_000); // ten slots of each target, as if they had passed
    await db.psql.query(sqlText('witness'));
    await db.psql.query(`INSERT INTO monitored_targets (url) VALUES ('${UP}'), ('${DOWN}')`);
    await db.rows(sqlText('due-slots'), [horizon]);
    await db.psql.query(CHECK_EVERYTHING);
    const due = await db.rows<{ target_id: string }>('SELECT target_id FROM chaos.due');
    requests = due.map(({ target_id }) => ({ url: target_id === '1' ? UP : DOWN, atMs: 0, answer: null }));
  });

  const auditNow = async () => {
    await db.psql.query('TRUNCATE chaos.due');
    return audit(db.database.query, horizon, { requests });
  };

  it('finds nothing where each slot from the first on has its check, and each check its request', async () => {
    const found = await auditNow();
    expect(breachesOf(found.audit)).to.deep.equal([]);
    expect(found.examples.filter(({ trouble }) => trouble !== 'latest')).to.deep.equal([]);
    expect(found.audit.slots_due).to.be.within(20, 22); // two at once, and each nine or ten times on the grid
    expect(found.audit).to.include({ recorded: found.audit.slots_due, in_gaps: 0, unknown: 0 });
    expect(found.audit.lag_max_ms).to.be.closeTo(5, 0.001);
  });

  const TAMPERING: readonly [found: string, trouble: keyof Audit, statement: string][] = [
    [
      'a slot without a check',
      'unaccounted',
      `DELETE FROM check_results WHERE target_id = 1 AND scheduled_at = ${GRID_SLOT}`,
    ],
    [
      'a slot that is recorded and in a gap',
      'accounted_twice',
      `INSERT INTO check_gaps VALUES (1, ${GRID_SLOT}, ${GRID_SLOT}, 1)`,
    ],
    [
      'a check off the grid',
      'never_due',
      `UPDATE check_results SET scheduled_at = scheduled_at - interval '1 s'
       WHERE target_id = 1 AND scheduled_at = ${GRID_SLOT}`,
    ],
    [
      'a schedule that begins late',
      'begun_wrongly',
      `UPDATE chaos.schedules SET first_slot = first_slot + interval '1 s' WHERE target_id = 2`,
    ],
    [
      'a gap that says too much',
      'gaps_miscounted',
      `WITH lost AS (
         DELETE FROM check_results WHERE target_id = 1 AND scheduled_at = ${GRID_SLOT} - interval '1 min' RETURNING *)
       INSERT INTO check_gaps SELECT 1, scheduled_at, scheduled_at, 2 FROM lost`,
    ],
    [
      'a down of a website that was up',
      'false_downs',
      `UPDATE check_results SET outcome = 'down', cause = 'connect_timeout'
       WHERE target_id = 1 AND scheduled_at = ${GRID_SLOT}`,
    ],
    [
      'a down of a website that was down, for another reason',
      'false_downs',
      `UPDATE check_results SET cause = 'connect_timeout'
       WHERE target_id = 2 AND scheduled_at = (SELECT max(slot) FROM chaos.due WHERE target_id = 2)`,
    ],
    [
      'an up of a website that was down',
      'false_ups',
      `UPDATE check_results SET outcome = 'up', cause = NULL
       WHERE target_id = 2 AND scheduled_at = (SELECT max(slot) FROM chaos.due WHERE target_id = 2)`,
    ],
  ];
  for (const [found, trouble, statement] of TAMPERING)
    it(`finds ${found}`, async () => {
      expect((await db.psql.query(statement)).rowCount).to.equal(1);
      const { audit } = await auditNow();
      expect(audit[trouble]).to.equal(1);
    });

  it('finds a request beyond one per check, unless a lease of the target had expired', async () => {
    requests.push({ url: UP, atMs: 0, answer: null });
    const { audit: unexplained, examples } = await auditNow();
    expect(unexplained).to.include({ requests_beyond: 1, requests_unexplained: 1 });
    expect(examples.map(({ trouble }) => trouble)).to.include('requests_unexplained');
  });

  it('accounts for a request beyond one per check by a lease that had expired', async () => {
    await db.psql.query(`
      INSERT INTO lease_batches (worker, leased_at, expires_at, target_ids, slots)
        VALUES ('gone', now() - interval '9 s', now() - interval '4 s', '{1}', ARRAY[now() - interval '1 day']);
      DELETE FROM lease_batches`);
    requests.push({ url: UP, atMs: 0, answer: null });
    const { audit } = await auditNow();
    expect(audit).to.include({ requests_beyond: 1, requests_unexplained: 0 });
  });

  it('finds an answer that was never given', async () => {
    requests.pop();
    const { audit } = await auditNow();
    expect(audit.checks_without_request).to.equal(1);
  });

  it('counts the slots of an edited target along each of its schedules, and none while it is disabled', async () => {
    await db.psql.query(`TRUNCATE check_results`);
    await db.psql.query(`UPDATE monitored_targets SET check_interval = '30 s' WHERE id = 1`);
    await db.psql.query(`UPDATE monitored_targets SET enabled = false WHERE id = 2`);
    const { audit } = await auditNow();
    expect(audit.slots_due).to.be.within(19 + 3, 20 + 4); // on the grid, each first slot, and perhaps one in between
  });
});
