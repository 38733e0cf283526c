import type pg from 'pg';
import { z } from 'zod';

/** Rule of flags such as `--counts 1000,100000`. */
export const wholeNumbers = z
  .string()
  .regex(/^\d+(,\d+)*$/, 'must be whole numbers with commas between')
  .transform(text => text.split(',').map(Number));

/** Inserts targets with one statement; their urls are `urlStart` and a number from 1. */
export function insertTargets(
  psql: pg.Client,
  urlStart: string,
  count: number,
  interval: string,
): Promise<unknown> {
  return psql.query(
    `INSERT INTO website_monitor.monitored_targets (url, check_interval)
     SELECT $1 || number, $3::interval FROM generate_series(1, $2::integer) AS number`,
    [urlStart, count, interval],
  );
}
