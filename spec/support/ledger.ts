import { once } from 'node:events';
import { type MigratedDatabase, migratedDatabase } from './migrated-database.ts';
import type { TestDatabase } from './postgres.ts';

/** A fresh database whose ledger a spec can wait for, and audit. */
export interface Ledger extends MigratedDatabase {
  /** Resolves once `SELECT …` says true, asked anew whenever a worker has written. */
  readonly until: (question: string, values?: unknown[]) => Promise<void>;
  /**
   * Slots that are not accounted for exactly once. Each slot that has fallen due is a check, part of
   * a gap, or in a lease; that holds in every snapshot, workers running or not. Only of targets that
   * have not been edited, for an edit moves the grid.
   */
  readonly imbalance: () => Promise<readonly unknown[]>;
  /** Adds targets for `origin`/1, `origin`/2, … in one statement. */
  readonly addTargets: (origin: string, count: number, interval: string) => Promise<void>;
  /** How many checks are recorded of which URL */
  readonly checksByUrl: () => Promise<Readonly<Record<string, number>>>;
}

/** @param of a database whose ledger was open before: that one goes on */
export async function openLedger(of?: TestDatabase): Promise<Ledger> {
  const db = await migratedDatabase(of);
  await db.psql.query(TELL_OF_CHANGES);

  const until = async (question: string, values: unknown[] = []): Promise<void> => {
    for (;;) {
      const changed = once(db.psql, 'notification'); // before asking, so that nothing is missed
      const [row] = await db.rows<Record<string, boolean>>(question, values);
      if (Object.values(row ?? {})[0]) return;
      await changed;
    }
  };
  const checksByUrl = async () => {
    const rows = await db.rows<{ url: string; checks: number }>(
      `SELECT url, count(*)::integer AS checks
       FROM check_results JOIN monitored_targets ON id = target_id GROUP BY url`,
    );
    return Object.fromEntries(rows.map(({ url, checks }) => [url, checks]));
  };
  const addTargets = async (origin: string, count: number, interval: string) => {
    await db.psql.query(
      `INSERT INTO monitored_targets (url, check_interval)
       SELECT $1 || '/' || number, $3::interval FROM generate_series(1, $2::integer) AS number`,
      [origin, count, interval],
    );
  };
  return { ...db, until, imbalance: () => db.rows(IMBALANCE), addTargets, checksByUrl };
}

const TELL_OF_CHANGES = `
  LISTEN spec_ledger;
  CREATE OR REPLACE FUNCTION spec_ledger() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_notify('spec_ledger', ''); RETURN NULL; END $$;
  CREATE OR REPLACE TRIGGER spec_ledger AFTER INSERT OR UPDATE OR DELETE ON check_results
    FOR EACH STATEMENT EXECUTE FUNCTION spec_ledger();
  CREATE OR REPLACE TRIGGER spec_ledger AFTER INSERT OR UPDATE OR DELETE ON lease_batches
    FOR EACH STATEMENT EXECUTE FUNCTION spec_ledger()`;

// The first slot of a target lies off the grid where it was due at once, so it is taken as found;
// that it is not too late a one is looked at apart. (Between created_at, which is the transaction's, and
// the slot, which is the statement's, lies the planning.)
const IMBALANCE = `
  WITH schedule AS (
    SELECT target.id AS target_id, target.created_at, lease.*
    FROM monitored_targets AS target JOIN target_leases AS lease ON monitored_target_id = target.id
    WHERE target.version = 1
  ),
  accounts AS (
    SELECT 'check' AS account, target_id, scheduled_at AS slot FROM check_results
    UNION ALL
    SELECT 'gap', target_id, first_slot FROM check_gaps
    UNION ALL
    SELECT 'gap', target_id, slot
    FROM check_gaps JOIN schedule USING (target_id), generate_series(
      date_bin(check_interval, first_slot, grid_origin) + check_interval, last_slot, check_interval) AS slot
    UNION ALL
    SELECT 'lease', leased.target_id, leased.slot
    FROM lease_batches, unnest(target_ids, slots) AS leased (target_id, slot)
    WHERE NOT EXISTS (
      SELECT FROM check_results AS result
      WHERE result.target_id = leased.target_id AND result.scheduled_at = leased.slot)
    AND NOT EXISTS (
      SELECT FROM check_gaps AS gap WHERE gap.target_id = leased.target_id AND gap.first_slot = leased.slot)
  ),
  accounted AS (
    SELECT account, target_id, slot FROM accounts JOIN schedule USING (target_id)
  ),
  span AS (
    SELECT schedule.*, (SELECT min(slot) FROM accounted WHERE accounted.target_id = schedule.target_id) AS first_slot
    FROM schedule
  ),
  due AS (
    SELECT target_id, first_slot AS slot FROM span WHERE first_slot IS NOT NULL
    UNION
    SELECT target_id, slot
    FROM span, generate_series(
      date_bin(check_interval, first_slot, grid_origin) + check_interval,
      next_fire_at - interval '1 us', check_interval) AS slot
  )
  SELECT 'nowhere' AS problem, * FROM (SELECT * FROM due EXCEPT SELECT target_id, slot FROM accounted) AS lost
  UNION ALL
  SELECT 'off the grid', * FROM (SELECT target_id, slot FROM accounted EXCEPT SELECT * FROM due) AS stray
  UNION ALL
  SELECT string_agg(account, ' and '), target_id, slot FROM accounted GROUP BY target_id, slot HAVING count(*) > 1
  UNION ALL
  SELECT 'begun late', target_id, first_slot FROM span
  WHERE coalesce(first_slot, next_fire_at)
    > date_bin(check_interval, created_at + interval '1 s', grid_origin) + check_interval`;
