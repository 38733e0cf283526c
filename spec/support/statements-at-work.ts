import type pg from 'pg';
import { statement } from '../../lib/sql/sql-file.ts';
import { buffersTouched, explained, type PlanMode, tablesScanned } from './explained.ts';
import { checked, down, handDrivenWorker } from './worker.ts';

/** What one statement did, run as the service runs it. */
export interface StatementAtWork {
  readonly name: string;
  /** For each slot that it dealt with; for each call where it deals with none */
  readonly buffersEach: number;
  readonly tablesScanned: readonly string[];
}

const SLOTS = 200;
const OF_SLOTS = ['lease', 'record', 'take-over-batch'];
const OF_CALLS = ['heartbeat', 'claim-expired-batch'];

/**
 * Leases, records, and takes over 200 slots of targets that lie scattered over the table, and looks
 * for due work.
 *
 * @param psql with `search_path=website_monitor`
 */
export async function statementsAtWork(
  dsn: string,
  psql: pg.Client,
  planMode: PlanMode,
): Promise<StatementAtWork[]> {
  const { database, planOf } = await explained(dsn, planMode);
  const worker = handDrivenWorker(database);
  await makeDue(psql);
  const { leases } = await worker.lease(SLOTS);
  await worker.record(leases.map(lease => checked(lease)));

  await makeDue(psql);
  await worker.lease(SLOTS);
  await psql.query('UPDATE lease_batches SET expires_at = now()');
  const heir = handDrivenWorker(database);
  const takenOver = await heir.lease(SLOTS);
  await heir.record(takenOver.leases.map(lease => checked(lease)));
  if (leases.length < SLOTS || takenOver.leases.length < SLOTS)
    throw new Error(`fewer slots than meant: ${leases.length}, ${takenOver.leases.length}`);

  // The second: the first buries the index entries of what was leased.
  for (let call = 0; call < 2; call++) await database.query(statement('heartbeat'), ['', 14, null]);
  await database.close();

  return [...OF_SLOTS, ...OF_CALLS].map(name => {
    const plan = planOf(statement(name));
    return {
      name,
      buffersEach: buffersTouched(plan) / (OF_SLOTS.includes(name) ? SLOTS : 1),
      tablesScanned: tablesScanned(plan),
    };
  });
}

/** Pages that recording touches for each of so many targets, all of which turn down, and up again. */
export async function pagesOfTurns(dsn: string, psql: pg.Client, slots: number): Promise<number[]> {
  const { database, planOf } = await explained(dsn, 'force_generic_plan');
  const worker = handDrivenWorker(database);
  const pages: number[] = [];
  for (const turn of [down, checked]) {
    await makeDue(psql, slots);
    const { leases } = await worker.lease(slots);
    const { transitions } = await worker.record(leases.map(lease => turn(lease)));
    if (transitions.length < slots) throw new Error(`only ${transitions.length} of ${slots} transitions`);
    pages.push(buffersTouched(planOf(statement('record'))) / slots);
  }
  await database.close();
  return pages;
}

/** Every n-th target: their rows share no page. */
export const makeDue = (psql: pg.Client, slots = SLOTS): Promise<unknown> =>
  psql.query(
    `UPDATE target_leases SET next_fire_at = now() - interval '1 ms' * random()
     WHERE monitored_target_id IN (
       SELECT (count * number / $1::integer) FROM generate_series(1, $1::integer) AS number,
         (SELECT count(*) FROM monitored_targets) AS counted (count))`,
    [slots],
  );

/** Targets that fall due seldom, each checked once; known to the planner only where that is asked for. */
export async function fillTables(psql: pg.Client, count: number): Promise<void> {
  // Statistics are the caller's to make.
  await psql.query(`DO $$ DECLARE name regclass; BEGIN
    FOR name IN SELECT oid FROM pg_class WHERE relnamespace = 'website_monitor'::regnamespace AND relkind = 'r' LOOP
      EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', name);
    END LOOP; END $$`);
  await insertTargets(psql, 10);
  await psql.query('ANALYZE');
  await insertTargets(psql, count - 10);
  await psql.query(
    `UPDATE target_leases SET next_fire_at = next_fire_at + interval '30 d' WHERE next_fire_at <= now()`,
  );
  await psql.query(`INSERT INTO check_results (target_id, scheduled_at, started_at, outcome, target_version, total_us, body_cut)
    SELECT id, now(), now(), 'up', 1, 1000, false FROM monitored_targets`);
}

const insertTargets = (psql: pg.Client, count: number): Promise<unknown> =>
  psql.query(
    `INSERT INTO monitored_targets (url, check_interval)
     SELECT 'http://localhost:1/' || number, '30 d' FROM generate_series(1, $1::integer) AS number`,
    [count],
  );
