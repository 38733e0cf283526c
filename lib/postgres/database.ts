import type pg from 'pg';
import { statement } from '../sql/sql-file.ts';
import type { PoolSettings } from './connecting/pool-settings.ts';
import { openServerPool } from './connecting/server-pool.ts';
import { isAboutPreparing, isReadOnly, leavesConnectionUsable } from './error-codes.ts';

/** The server gives up this much sooner, so that its answer ends the wait and not our timeout. */
const STATEMENT_ENDS_SOONER_MS = 500;

/**
 * Shorter than a lease's margin for recording: a worker paused in a transaction must lose its locks by then.
 */
const IDLE_IN_TRANSACTION_MS = 3_000;

/** How to connect, and how long to wait. */
export interface DatabaseSettings extends PoolSettings {
  /** The DSN leads through a transaction pooler. Default: found out when connecting */
  readonly isPooled?: boolean | undefined;
  /** True fails statements from which row security would hide rows; it would hide targets from a lease. Default false */
  readonly seesEveryRow?: boolean | undefined;
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
 * became read-only will not recover, and looks for the DSN's other servers.
 *
 * Sets up each session (`session.sql`), so that no setting of the database or role changes what statements
 * mean. Behind PgBouncer in transaction mode the next statement may go to another session, so each statement
 * runs in a transaction that is set up instead, and nothing is prepared by name.
 */
export function connectDatabase(settings: DatabaseSettings): Database {
  const { queryTimeoutMs = 10_000 } = settings;
  // A statement that we gave up on must end on the server too, or sessions pile up there.
  const statementMsMax = Math.max(queryTimeoutMs - STATEMENT_ENDS_SOONER_MS, queryTimeoutMs / 2);
  const sessionText = statement('session');
  let isPooled = settings.isPooled ?? false;
  const setUp = async (client: pg.ClientBase, processId: number | null): Promise<void> => {
    const { rows } = await client.query(sessionText, [
      String(statementMsMax),
      processId,
      settings.seesEveryRow ? 'off' : 'on',
    ]);
    if (rows[0].is_shared) isPooled = true;
  };
  const setUpSession = async (client: pg.ClientBase): Promise<void> => {
    if (!isPooled) await setUp(client, (client as ClientWithProcess).processID);
  };
  const pool = openServerPool(settings, setUpSession);

  const queryOn =
    (client: pg.ClientBase): Query =>
    (text, values, name, answerTimeoutMs) =>
      send(client, text, values, isPooled ? undefined : name, answerTimeoutMs);

  const transactionOn = <T>(client: pg.ClientBase, work: (query: Query) => Promise<T>): Promise<T> =>
    inTransaction(client, async () => {
      if (isPooled) await setUp(client, null);
      return work(queryOn(client));
    });

  const onConnection = async <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    const { client, leaveServer } = await pool.connect();
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      client.release(!leavesConnectionUsable(error));
      if (isReadOnly(error)) leaveServer();
      throw error;
    }
  };

  const query: Query = (...sent) =>
    onConnection(client =>
      isPooled ? transactionOn(client, queryInside => queryInside(...sent)) : queryOn(client)(...sent),
    );

  return {
    query: async (...sent) => {
      try {
        return await query(...sent);
      } catch (error) {
        if (!isAboutPreparing(error)) throw error;
        isPooled = true; // there is a pooler after all; the statement did not run
        return query(...sent);
      }
    },
    transaction: work => onConnection(client => transactionOn(client, work)),
    close: pool.close,
  };
}

/** pg's types leave it out. */
type ClientWithProcess = pg.ClientBase & { readonly processID: number };

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
  const isolation = 'ISOLATION LEVEL READ COMMITTED NOT DEFERRABLE'; // the defaults may be others
  await client.query(
    `BEGIN ${isolation}; SET LOCAL idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`,
  );
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
