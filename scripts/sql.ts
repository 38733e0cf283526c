/**
 * Sends SQL to the bundled server, for machines without psql:
 *
 *   npm run sql -- "SELECT count(*) FROM check_results"
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { defaultDataFolder } from '../lib/bundled-postgres/data-folder.ts';
import { describeError } from '../lib/postgres/error-codes.ts';

const [text] = process.argv.slice(2);
const folder = process.env.WEBSITE_MONITOR_DATA_FOLDER ?? defaultDataFolder(process.env.XDG_DATA_HOME);
const dsn = process.env.WEBSITE_MONITOR_DSN ?? process.env.DATABASE_URL;

try {
  if (text === undefined)
    throw new Error('give SQL in quotes: one statement, or several separated by semicolons');
  const client = new pg.Client({ connectionString: dsn ?? readFileSync(join(folder, 'dsn'), 'utf8').trim() });
  await client.connect();
  await client.query('SET search_path = website_monitor, public');
  const results = [await client.query(text)].flat();
  for (const { rows, command, rowCount } of results) {
    if (rows.length > 0) console.table(rows);
    else console.log(command, rowCount ?? '');
  }
  await client.end();
} catch (error) {
  console.error(`sql: ${describeError(error)} (is "npm start" running?)`);
  process.exitCode = 1;
}
