import pg from 'pg';
import { statement } from '../sql/sql-file.ts';
import type { Cluster } from './cluster.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/** Which server is behind a DSN. */
export type Identity =
  | { readonly kind: 'ours'; readonly otherSessions: number }
  /** Starting up, shutting down, or full */
  | { readonly kind: 'not-ready' }
  | { readonly kind: 'somebody-else' }
  | { readonly kind: 'silent' };

/** Logs in and compares the data directory: the port in a stale file may belong to another program now. */
export const identify = async (dsn: string, { dataDirectory }: Cluster): Promise<Identity> => {
  const client = new pg.Client({ connectionString: dsn, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => {}); // the calls below fail too
  try {
    await client.connect();
    const { rows } = await client.query(statement('bundled-server-identity'));
    if (rows[0].data_directory !== dataDirectory) return { kind: 'somebody-else' };
    return { kind: 'ours', otherSessions: rows[0].other_sessions };
  } catch (error) {
    return { kind: kindOf(error) };
  } finally {
    await client.end().catch(() => {});
  }
};

const CANNOT_CONNECT_NOW = '57P03';
const ADMIN_SHUTDOWN = '57P01';
const TOO_MANY_CONNECTIONS = '53300';

const kindOf = (error: unknown): 'not-ready' | 'somebody-else' | 'silent' => {
  if (!(error instanceof pg.DatabaseError)) return 'silent';
  const passing = [CANNOT_CONNECT_NOW, ADMIN_SHUTDOWN, TOO_MANY_CONNECTIONS];
  return passing.includes(error.code ?? '') ? 'not-ready' : 'somebody-else';
};
