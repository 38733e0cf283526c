import pg from 'pg';
import { firstValueFrom, race, timer } from 'rxjs';
import { statement } from '../sql/sql-file.ts';
import { isAboutPreparing, isReadOnly, leavesConnectionUsable } from './error-codes.ts';
import { createPoolSockets, type PoolSockets } from './pool-sockets.ts';

/** The server gives up this much sooner, so that its answer ends the wait and not our timeout. */
const STATEMENT_ENDS_SOONER_MS = 500;

/**
 * Shorter than a lease's margin for recording: a worker paused in a transaction must lose its locks by then.
 */
const IDLE_IN_TRANSACTION_MS = 3_000;

/** Longest wait, while closing, for queries under way and for the server to close its end of the sockets. */
const CLOSING_MS_MAX = 5_000;

/** How to connect, and how long to wait. */
export interface DatabaseSettings {
  readonly dsn: string;
  /** Connections at once */
  readonly poolSize: number;
  /** The DSN leads through a transaction pooler, whose sessions we must not set up. Default false */
  readonly isPooled?: boolean | undefined;
  /** Shown in `pg_stat_activity` */
  readonly applicationName: string;
  /** Longest wait for a connection; default 5000 */
  readonly connectTimeoutMs?: number | undefined;
  /** Longest wait for an answer, after which the connection is discarded; default 10,000 */
  readonly queryTimeoutMs?: number | undefined;
  /** Called when a connection breaks, whether or not a statement fails with it */
  readonly onConnectionError?: ((error: Error) => void) | undefined;
}

/**
 * Sends one statement and resolves with its rows.
 *
 * @param name prepares the statement under this name, once per connection and never through a pooler. For a
 * fixed text that is sent often: parsing and planning `lease.sql` takes longer than running it.
 * @param answerTimeoutMs replaces the pool's `queryTimeoutMs`, for work that no check waits for
 */
export type Query = <Row extends object>(
  text: string,
  values?: unknown[],
  name?: string,
  answerTimeoutMs?: number,
) => Promise<Row[]>;

/** A bounded pool of connections. `connectDatabase` opens it. */
export interface Database {
  readonly query: Query;
  /**
   * Runs `work` in one transaction on one connection. Commits when it resolves, rolls back when it rejects.
   */
  readonly transaction: <T>(work: (query: Query) => Promise<T>) => Promise<T>;
  /**
   * Waits for queries under way, but not for a server that does not answer: after 5 s it cuts every connection.
   * Idempotent, and never rejects.
   */
  readonly close: () => Promise<void>;
}

/**
 * Opens a bounded pool of connections.
 *
 * Discards a connection when a query on it fails, unless only the statement was at fault: after a timeout
 * the connection is still busy. After a read-only error it replaces the whole pool, since a server that
 * became read-only will not recover.
 *
 * Behind PgBouncer in transaction mode it prepares nothing by name: the next statement may go to another
 * session.
 */
export function connectDatabase(settings: DatabaseSettings): Database {
  const sockets = createPoolSockets();
  let pool = openPool(settings, sockets);
  let closed: Promise<void> | null = null;
  let preparesByName = !settings.isPooled;

  const queryOn =
    (client: pg.ClientBase): Query =>
    (text, values, name, answerTimeoutMs) =>
      send(client, text, values, preparesByName ? name : undefined, answerTimeoutMs);

  const onConnection = async <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    const from = pool;
    const client = await from.connect();
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      client.release(!leavesConnectionUsable(error));
      if (isReadOnly(error) && pool === from) {
        pool = openPool(settings, sockets);
        from.end().catch(() => {}); // closes idle connections now, busy ones as they are released
      }
      throw error;
    }
  };

  return {
    query: async (text, values, name, answerTimeoutMs) => {
      try {
        return await onConnection(client => queryOn(client)(text, values, name, answerTimeoutMs));
      } catch (error) {
        if (!isAboutPreparing(error)) throw error;
        preparesByName = false; // there is a pooler after all; the statement did not run
        return onConnection(client => queryOn(client)(text, values, undefined, answerTimeoutMs));
      }
    },
    transaction: work => onConnection(client => inTransaction(client, () => work(queryOn(client)))),
    close: () => {
      closed ??= closePool(pool, sockets);
      return closed;
    },
  };
}

async function closePool(pool: pg.Pool, sockets: PoolSockets): Promise<void> {
  await firstValueFrom(race(pool.end().then(sockets.allClosed), timer(CLOSING_MS_MAX)));
  sockets.destroyAll();
}

function openPool(settings: DatabaseSettings, sockets: PoolSockets): pg.Pool {
  const { connectTimeoutMs = 5_000, queryTimeoutMs = 10_000 } = settings;
  const statementMsMax = Math.max(queryTimeoutMs - STATEMENT_ENDS_SOONER_MS, queryTimeoutMs / 2);
  const sessionText = statement('session');
  const pool = new pg.Pool({
    connectionString: settings.dsn,
    stream: sockets.create,
    max: settings.poolSize,
    application_name: settings.applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    // A statement that we gave up on must end on the server too, or sessions pile up there.
    ...(!settings.isPooled && { onConnect: client => client.query(sessionText, [String(statementMsMax)]) }),
  });
  // Without these listeners a cut would end the process. The pool itself listens only to idle clients.
  pool.on('error', () => {});
  pool.on('connect', client => client.on('error', error => settings.onConnectionError?.(error)));
  return pool;
}

async function send<Row extends object>(
  client: pg.ClientBase,
  text: string,
  values?: unknown[],
  name?: string,
  answerTimeoutMs?: number,
): Promise<Row[]> {
  const query = {
    text,
    ...(values && { values }),
    ...(name && { name }),
    ...(answerTimeoutMs && { query_timeout: answerTimeoutMs }),
  };
  return (await client.query(query)).rows;
}

async function inTransaction<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T> {
  // If we go silent, the server must release the transaction's locks.
  await client.query(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`);
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // A discarded connection rolls back by itself, and might not answer.
    if (leavesConnectionUsable(error)) await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}
