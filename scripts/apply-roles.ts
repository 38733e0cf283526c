/**
 * Applies sql/roles.sql without psql; run it after each migration:
 *
 *   WEBSITE_MONITOR_DSN=postgres://administrator… npm run apply-roles
 */

import { readFileSync } from 'node:fs';
import pg from 'pg';
import { describeError } from '../lib/postgres/error-codes.ts';
import { sqlPath } from '../lib/sql/sql-file.ts';

const { WEBSITE_MONITOR_DSN: connectionString } = process.env;

try {
  if (connectionString === undefined)
    throw new Error('set WEBSITE_MONITOR_DSN to the DSN of an administrator');
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(readFileSync(sqlPath('roles.sql'), 'utf8')).finally(() => client.end());
  console.log('roles applied');
} catch (error) {
  console.error(`apply-roles: ${describeError(error)}`);
  process.exitCode = 1;
}
