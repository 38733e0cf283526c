import pg from 'pg';
import { firstValueFrom, race, timer } from 'rxjs';
import { findServer, type Server } from './find-server.ts';
import type { PoolSettings } from './pool-settings.ts';
import { createPoolSockets, type PoolSockets } from './pool-sockets.ts';

/** Longest wait, while closing, for queries under way and for the server to close its end of the sockets. */
const CLOSING_MS_MAX = 5_000;

/** A bounded pool of connections to one of the DSN's servers at a time. */
export interface ServerPool {
  /** `leaveServer` ends all connections to the server of this one. The next connection searches for another. */
  readonly connect: () => Promise<{ readonly client: pg.PoolClient; readonly leaveServer: () => void }>;
  /** Idempotent, and never rejects. After 5 s it cuts every connection. */
  readonly close: () => Promise<void>;
}

/**
 * Opens a pool to the server that the DSN chooses; at the first connection, so it never throws.
 *
 * Stays with that server until a connection to it fails. Then it searches the DSN again, so after a failover the
 * very call that finds the old primary gone may already reach the new one.
 *
 * @param onConnect sets a new session up
 */
export function openServerPool(
  settings: PoolSettings,
  onConnect: (client: pg.ClientBase) => Promise<void>,
): ServerPool {
  const { dsn, applicationName, connectTimeoutMs = 5_000 } = settings;
  const sockets = createPoolSockets();
  const closing = new AbortController();
  const { signal } = closing;
  let current: Promise<pg.Pool> | null = null;
  let closed: Promise<void> | null = null;

  const leave = (left: Promise<pg.Pool>): void => {
    if (current !== left || signal.aborted) return;
    current = null;
    left.then(pool => pool.end()).catch(() => {}); // closes idle connections now, busy ones as they are released
  };
  const open = (): Promise<pg.Pool> => {
    const opened: Promise<pg.Pool> = findServer(dsn, { applicationName, connectTimeoutMs, signal }).then(
      server => openPool(settings, server, sockets, onConnect, () => leave(opened)),
    );
    opened.catch(() => leave(opened));
    return opened;
  };
  const connect: ServerPool['connect'] = async () => {
    current ??= open();
    const from = current;
    const client = await (await from).connect();
    return { client, leaveServer: () => leave(from) };
  };

  return {
    connect: async () => {
      signal.throwIfAborted();
      const first = current;
      try {
        return await connect();
      } catch (error) {
        if (first === null || current === first || signal.aborted) throw error;
        return connect(); // the server is lost: a search has not been tried yet
      }
    },
    close: () => {
      closing.abort(new Error('the database is closed'));
      closed ??= closePool(current, sockets);
      return closed;
    },
  };
}

async function closePool(current: Promise<pg.Pool> | null, sockets: PoolSockets): Promise<void> {
  const ended = Promise.resolve(current).then(
    pool => pool?.end(),
    () => {},
  );
  await firstValueFrom(race(ended.then(sockets.allClosed), timer(CLOSING_MS_MAX)));
  sockets.destroyAll();
}

function openPool(
  settings: PoolSettings,
  { config, isOnlyOne }: Server,
  sockets: PoolSockets,
  onConnect: (client: pg.ClientBase) => Promise<void>,
  onServerLost: () => void,
): pg.Pool {
  const { queryTimeoutMs = 10_000 } = settings;
  const pool = new pg.Pool({
    ...config,
    ...(!isOnlyOne && { Client: clientThatTells(onServerLost) }),
    stream: sockets.create,
    max: settings.poolSize,
    application_name: settings.applicationName,
    query_timeout: queryTimeoutMs,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    onConnect,
  });
  // Without these listeners a cut would end the process. The pool itself listens only to idle clients.
  pool.on('error', () => {});
  pool.on('connect', client => client.on('error', error => settings.onConnectionError?.(error)));
  return pool;
}

type Connected = (error: Error | null, client: pg.Client) => void;

/**
 * A Client that tells when it cannot connect. The pool rejects in the same way if no connection is free, which
 * is no reason to leave the server.
 */
const clientThatTells = (onFailed: () => void): typeof pg.Client =>
  new Proxy(pg.Client, {
    construct: (Client, [config]) => {
      const client = new Client(config);
      const connect = client.connect.bind(client) as (done: Connected) => void;
      const telling = (done: Connected): void =>
        connect((error, connected) => {
          if (error) onFailed();
          done(error, connected);
        });
      return Object.assign(client, { connect: telling }); // the pool calls it with a callback only
    },
  });
