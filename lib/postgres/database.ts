import pg from 'pg';
import { isAboutPreparing, isReadOnly, leavesConnectionUsable } from './error-codes.ts';
import { statement } from './sql-file.ts';

/** The server gives up first, so that its answer and not our time-out ends the wait. */
const STATEMENT_ENDS_SOONER_MS = 500;

/** Shorter than the time that a lease leaves for recording: whoever is paused in a transaction must let go of its locks. */
const IDLE_IN_TRANSACTION_MS = 3_000;

export interface DatabaseSettings {
  readonly dsn: string;
  /** Connections at once */
  readonly poolSize: number;
  /** Through a transaction pooler, whose sessions are not ours to set up. Default false */
  readonly isPooled?: boolean;
  /** Shown in `pg_stat_activity` */
  readonly applicationName: string;
  /** Longest wait for a connection, and for an answer, in ms; then the connection is thrown away */
  readonly connectTimeoutMs?: number;
  readonly queryTimeoutMs?: number;
  /** Told of connections that break, whether or not a statement fails with them */
  readonly onConnectionError?: (error: Error) => void;
}

/**
 * Sends one statement and resolves with its rows.
 *
 * @param name prepares the statement under it, once a connection, where sessions are ours: for a fixed
 * text that is sent often. Parsing and planning `lease.sql` takes longer than running it.
 * @param answerTimeoutMs in place of the pool's `queryTimeoutMs`, for work that no check waits for
 */
export type Query = <Row extends object>(
  text: string,
  values?: unknown[],
  name?: string,
  answerTimeoutMs?: number,
) => Promise<Row[]>;

export interface Database {
  readonly query: Query;
  /** Runs `work` in one transaction on one connection: committed when it resolves, else rolled back. */
  readonly transaction: <T>(work: (query: Query) => Promise<T>) => Promise<T>;
  /** Waits for queries under way. May be called again. */
  readonly close: () => Promise<void>;
}

/**
 * A bounded pool of connections, each thrown away when a query on it fails for any reason but the
 * statement's own: a connection that timed out is still busy, and one to a server that has become
 * read-only will never do again, nor will its neighbours.
 *
 * Behind PgBouncer in transaction mode nothing is prepared by name, for the next statement may go to another session.
 */
export function connectDatabase(settings: DatabaseSettings): Database {
  const { connectTimeoutMs = 5_000, queryTimeoutMs = 10_000 } = settings;
  const makePool = () => {
    const pool = new pg.Pool({
      connectionString: settings.dsn,
      max: settings.poolSize,
      application_name: settings.applicationName,
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: queryTimeoutMs,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      // A statement that we have given up must end on the server, too, or such sessions pile up.
      ...(!settings.isPooled && {
        onConnect: client =>
          client.query(sessionText, [
            String(Math.max(queryTimeoutMs - STATEMENT_ENDS_SOONER_MS, queryTimeoutMs / 2)),
          ]),
      }),
    });
    // Without these a cut would end the process. The pool listens to idle clients only, so it is not asked.
    pool.on('error', () => {});
    pool.on('connect', client => client.on('error', error => settings.onConnectionError?.(error)));
    return pool;
  };
  const sessionText = statement('session');
  let pool = makePool();
  let closed: Promise<void> | null = null;
  let preparesByName = !settings.isPooled;

  const queryOn =
    (client: pg.ClientBase): Query =>
    async <Row extends object>(
      text: string,
      values?: unknown[],
      name?: string,
      answerTimeoutMs?: number,
    ): Promise<Row[]> => {
      const query = {
        text,
        ...(values && { values }),
        ...(name && preparesByName && { name }),
        ...(answerTimeoutMs && { query_timeout: answerTimeoutMs }),
      };
      return (await client.query(query)).rows;
    };

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
        pool = makePool();
        from.end().catch(() => {}); // its idle connections now, its busy ones as they come back
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
        preparesByName = false; // a pooler that nobody told us of; nothing was run
        return onConnection(client => queryOn(client)(text, values, undefined, answerTimeoutMs));
      }
    },
    transaction: work =>
      onConnection(async client => {
        // A server that hears no more from us must let go of what the transaction has locked.
        await client.query(
          `BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`,
        );
        try {
          const result = await work(queryOn(client));
          await client.query('COMMIT');
          return result;
        } catch (error) {
          // A connection that is thrown away rolls back by itself, and would only keep us waiting.
          if (leavesConnectionUsable(error)) await client.query('ROLLBACK').catch(() => {});
          throw error;
        }
      }),
    close: () => {
      closed ??= pool.end();
      return closed;
    },
  };
}
