import type pg from 'pg';
import { connectDatabase, type Database } from '../../lib/postgres/database.ts';
import { migrate } from '../../lib/postgres/migrate.ts';
import { psqlLike, type TestDatabase, testDatabase } from './postgres.ts';

export interface MigratedDatabase {
  readonly dsn: string;
  /** As the service uses it */
  readonly database: Database;
  /** As a user's psql, a session of its own, with `search_path=website_monitor` */
  readonly psql: pg.Client;
  /** The rows of a statement sent through it */
  readonly rows: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>;
  readonly drop: () => Promise<void>;
}

const connect = (dsn: string): Database => connectDatabase({ dsn, poolSize: 10, applicationName: 'spec' });

/** As in a database that is migrated now */
const BEGIN_ROLLUPS_NOW =
  'UPDATE rollup_progress SET closed_until = bucket_of(size, now()) WHERE made_of IS NOT NULL';

/** A database with the whole schema: a fresh one, unless it is given. */
export async function migratedDatabase(of?: TestDatabase): Promise<MigratedDatabase> {
  const { dsn, drop } = of ?? (await testDatabase('migrated'));
  const database = connect(dsn);
  const psql = await psqlLike(dsn);
  await psql.query('SET search_path = website_monitor');
  if (of) await migrate(database);
  else await psql.query(BEGIN_ROLLUPS_NOW);
  return {
    dsn,
    database,
    psql,
    rows: async (text, values) => (await psql.query(text, values)).rows,
    drop: async () => {
      await psql.end();
      await database.close();
      await drop();
    },
  };
}

/** Leaves the schema and takes every row. */
export const emptyTables = async (psql: pg.Client): Promise<void> => {
  await truncate(psql, ['monitored_targets', 'silences']);
  await psql.query(COUNT_FROM_ONE);
  await truncate(psql, CHANGED_BY_CHECKING);
};

const CHANGED_BY_CHECKING = [
  ...['target_leases', 'lease_batches', 'check_results', 'failure_log', 'check_gaps', 'incidents'],
  ...['target_certificates', 'maintenance_occurrences', 'maintenance_days', 'rollup_dirty'],
  ...['rollups_minute', 'rollups_hour', 'rollups_day', 'rollups_month'],
];

/** An insert that failed has counted, too. */
const COUNT_FROM_ONE = `
  SELECT setval(pg_get_serial_sequence('website_monitor.' || name, 'id'), 1, false)
  FROM unnest('{monitored_targets,silences}'::text[]) AS name`;

/** Truncates those of the tables and their partitions that hold something: each costs the server milliseconds. */
export async function truncate(
  psql: pg.Client,
  tables: readonly string[],
  identity: 'RESTART IDENTITY' | 'CONTINUE IDENTITY' = 'CONTINUE IDENTITY',
): Promise<void> {
  const { rows } = await psql.query<{ filled: string | null }>(FILLED, [tables]);
  if (rows[0]?.filled) await psql.query(`TRUNCATE ${rows[0].filled} ${identity}`);
}

const FILLED = `
  WITH parent AS (SELECT ('website_monitor.' || name)::regclass AS relation FROM unnest($1::text[]) AS name)
  SELECT string_agg(relation::text, ', ') AS filled
  FROM (TABLE parent UNION ALL SELECT inhrelid FROM parent JOIN pg_inherits ON inhparent = relation) AS part
  WHERE pg_relation_size(relation) > 0`;

/** Moves all grids half an interval away from now: a grid point between an insert and its first lease makes a gap. */
export const setGridsApart = (psql: pg.Client): Promise<unknown> =>
  psql.query('UPDATE website_monitor.target_leases SET grid_origin = now() - check_interval / 2');
