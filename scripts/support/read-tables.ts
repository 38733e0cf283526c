import type { Database } from '../../lib/postgres/database.ts';
import { statement } from '../../lib/sql/sql-file.ts';
import type { Tables } from '../history/tables.ts';

type Row = Omit<Tables, 'openBatches'> & { readonly open_batches: Tables['openBatches'] };

/** The tables that `findBreaches` compares a history with. Reads every row: only for test runs. */
export async function readTables(database: Pick<Database, 'query'>): Promise<Tables> {
  const [row] = await database.query<Row & Record<string, unknown>>(statement('history-tables'));
  if (!row) throw new Error('history-tables.sql returned no row');
  const { results, gaps, open_batches: openBatches, schedules } = row;
  return { results, gaps, openBatches, schedules };
}
