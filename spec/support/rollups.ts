import type { Random } from '../../scripts/support/random.ts';
import { randomInteger } from '../../scripts/support/random.ts';
import type { MigratedDatabase } from './migrated-database.ts';

export const SIZES = ['minute', 'hour', 'day', 'month'] as const;

export interface SlotRow {
  readonly targetId: number;
  readonly atS: number;
  /** Null: nobody ran it, so it is part of a gap */
  readonly outcome: 'up' | 'down' | 'unknown' | null;
  readonly totalUs: number;
  readonly isAnswered: boolean;
}

const INTERVALS_S = [25, 60, 61, 600, 5_400];
const OUTCOMES = ['up', 'up', 'up', 'up', 'down', 'unknown'] as const;

/** Slots of a target for each interval, from `sinceS` to before `untilS`, in runs that were run and runs that were not. */
export function randomSlots(random: Random, sinceS: number, untilS: number): SlotRow[] {
  const slots: SlotRow[] = [];
  for (const [index, intervalS] of INTERVALS_S.entries()) {
    let left = 0;
    let isGap = false;
    const phaseS = randomInteger(random, { min: 0, max: intervalS - 1 });
    for (let atS = sinceS + phaseS; atS < untilS; atS += intervalS) {
      if (left-- === 0) {
        isGap = !isGap && random() < 0.5;
        left = randomInteger(random, { min: 0, max: 40 });
      }
      slots.push({
        targetId: index + 1,
        atS,
        // No gap at the end, which would go on in the slots of another call.
        outcome:
          isGap && atS + intervalS < untilS
            ? null
            : (OUTCOMES[randomInteger(random, { min: 0, max: 5 })] ?? null),
        totalUs: Math.floor(10 ** (2 + 5.3 * random())), // 0.1 ms to 20 s
        isAnswered: random() < 0.9,
      });
    }
  }
  return slots;
}

/** Keeps the slots in a table of the spec's own, and enters them as checks and gaps, as the service would. */
export async function enterSlots(db: MigratedDatabase, slots: readonly SlotRow[]): Promise<void> {
  await db.psql.query(
    `CREATE TEMPORARY TABLE IF NOT EXISTS spec_slots (
       target_id bigint, slot timestamptz, outcome check_outcome, total_us integer, is_answered boolean);
     TRUNCATE spec_slots`,
  );
  await db.psql.query(
    `INSERT INTO spec_slots SELECT target_id, to_timestamp(at_s), outcome, total_us, is_answered
     FROM unnest($1::bigint[], $2::float8[], $3::check_outcome[], $4::integer[], $5::boolean[])
       AS given (target_id, at_s, outcome, total_us, is_answered)`,
    [
      slots.map(({ targetId }) => targetId),
      slots.map(({ atS }) => atS),
      slots.map(({ outcome }) => outcome),
      slots.map(({ totalUs }) => totalUs),
      slots.map(({ isAnswered }) => isAnswered),
    ],
  );
  await db.psql.query(ENTER);
}

const ENTER = `
  INSERT INTO check_results (target_id, scheduled_at, started_at, outcome, cause, target_version, total_us, http_status, body_cut)
  SELECT target_id, slot, slot, outcome, CASE WHEN outcome <> 'up' THEN 'internal_error'::check_cause END, 1, total_us,
    CASE WHEN is_answered THEN 200 END, false
  FROM spec_slots WHERE outcome IS NOT NULL;
  INSERT INTO check_gaps (target_id, first_slot, last_slot, slots)
  SELECT target_id, min(slot), max(slot), count(*)
  FROM (
    SELECT *, row_number() OVER (PARTITION BY target_id ORDER BY slot)
      - row_number() OVER (PARTITION BY target_id, outcome IS NULL ORDER BY slot) AS run
    FROM spec_slots
  ) AS slots
  WHERE outcome IS NULL GROUP BY target_id, run`;

/** As if nothing had been rolled up, or dropped, since `atS`. */
export const beginRollingUp = (db: MigratedDatabase, atS: number): Promise<unknown> =>
  db.psql.query(
    `UPDATE rollup_progress SET kept_since = '-infinity',
       closed_until = CASE WHEN made_of IS NOT NULL THEN date_trunc(size, to_timestamp($1), 'UTC') END`,
    [atS],
  );

/** Calls roll_up as often as there is more to do. */
export async function rollUpAll(db: MigratedDatabase): Promise<void> {
  for (;;) {
    const [row] = await db.rows<{ more: boolean }>('SELECT roll_up() AS more');
    if (!row?.more) return;
  }
}

/** What the rollups of a size say otherwise than the slots of the spec's own table do. */
export const differences = (db: MigratedDatabase, size: (typeof SIZES)[number]): Promise<unknown[]> =>
  db.rows(
    `WITH expected AS (
       SELECT target_id, date_trunc('${size}', slot, 'UTC') AS bucket, name, sum(value) AS value
       FROM spec_slots CROSS JOIN LATERAL (VALUES
         ('checks', (outcome IS NOT NULL)::integer), ('up', (outcome = 'up')::integer), ('down', (outcome = 'down')::integer),
         ('unknown', (outcome = 'unknown')::integer), ('gap_slots', (outcome IS NULL)::integer),
         ('answered', (outcome IS NOT NULL AND is_answered)::integer),
         ('duration_sum_us', CASE WHEN outcome IS NOT NULL AND is_answered THEN total_us END),
         ('from_' || (SELECT max(ms) FROM unnest('{0,1,2,3,5,7,10,15,20,30,50,70,100,150,200,300,500,700,1000,1500,2000,3000,5000,10000}'::integer[]) AS ms
            WHERE ms * 1000 <= total_us) || '_ms', (outcome IS NOT NULL AND is_answered)::integer)
       ) AS counted (name, value)
       WHERE date_trunc('${size}', slot, 'UTC') < (SELECT closed_until FROM rollup_progress WHERE size = '${size}')
       GROUP BY 1, 2, 3 HAVING sum(value) > 0
     ),
     actual AS (
       SELECT target_id, bucket, name, value::numeric
       FROM rollups_${size} AS rollup, jsonb_each_text(to_jsonb(rollup) - 'target_id' - 'bucket') AS counted (name, value)
       WHERE value IS NOT NULL
     )
     SELECT 'not rolled up' AS problem, * FROM (SELECT * FROM expected EXCEPT SELECT * FROM actual) AS missing
     UNION ALL
     SELECT 'rolled up', * FROM (SELECT * FROM actual EXCEPT SELECT * FROM expected) AS wrong
     LIMIT 10`,
  );
