import { connectDatabase } from '../../lib/postgres/database.ts';
import { prepareDatabase } from '../../lib/postgres/prepare-database.ts';
import type { BenchServer } from './bench-server.ts';

/** A fresh database with the whole schema; its DSN. */
export async function migratedDatabase(server: BenchServer): Promise<string> {
  const dsn = await server.createDatabase();
  const database = connectDatabase({ dsn, poolSize: 1, applicationName: 'bench' });
  await prepareDatabase(database, { migrate: true, onWaiting: () => {} }).finally(database.close);
  return dsn;
}
