import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import pg from 'pg';
import pgListen from 'pg-listen';
import { from, fromEvent, Observable, repeat, switchMap, take, timeout, timer } from 'rxjs';

export interface ListenSettings {
  /** A direct connection: LISTEN does not survive a pooler in transaction mode */
  readonly dsn: string;
  readonly channel: string;
  readonly applicationName: string;
  readonly connectTimeoutMs?: number;
  /** How often the connection is tried, and how long it may take to answer */
  readonly pingEveryMs?: number;
  readonly pingTimeoutMs?: number;
}

export type Heard =
  /** LISTEN has returned: whatever is committed from now on is heard */
  { readonly kind: 'listening' } | { readonly kind: 'notified'; readonly payload: string };

/** What pg calls a Connection: the protocol below its Client. Not in its types, but in its exports. */
interface ProtocolConnection extends EventEmitter {
  readonly stream: Socket;
  readonly sync: () => void;
}

/**
 * A NOTIFY channel as an Observable: subscribing connects and listens, unsubscribing disconnects, and
 * any fault of the connection is an error. It does not reconnect; that is for the subscriber to decide.
 *
 * pg-listen's own reconnection is off (`retryLimit: 1` means no attempt): it stops after three
 * seconds by default, cannot be closed while it runs, and its check has no time-out. In its place the
 * connection is pinged with a bare Sync, which the server must answer with ReadyForQuery: it finds a
 * half-open connection and costs no statement.
 */
export function listen(settings: ListenSettings): Observable<Heard> {
  const { dsn, channel, applicationName, connectTimeoutMs = 5_000 } = settings;
  return new Observable<Heard>(subscriber => {
    const config = {
      connectionString: dsn,
      application_name: applicationName,
      connectionTimeoutMillis: connectTimeoutMs,
    };
    // pg-listen keeps its Client to itself, so it is lent the connection of one that pg has set up.
    const connection = (new pg.Client(config) as unknown as { connection: ProtocolConnection }).connection;
    const listener = pgListen.default(
      { ...config, connection } as pg.ClientConfig,
      { retryLimit: 1, paranoidChecking: false, parse: payload => payload }, // payloads are not JSON
    );

    // pg-listen's own words are of its reconnection, which is off.
    listener.events.on('error', () => subscriber.error(new Error('the LISTEN connection broke')));
    listener.notifications.on(channel, (payload: string | undefined) =>
      subscriber.next({ kind: 'notified', payload: payload ?? '' }),
    );
    const start = async (): Promise<void> => {
      await listener.connect();
      await listener.listenTo(channel);
      subscriber.next({ kind: 'listening' });
      subscriber.add(pings(connection, settings).subscribe({ error: error => subscriber.error(error) }));
    };
    subscriber.add(
      from(start())
        .pipe(timeout(2 * connectTimeoutMs)) // LISTEN on a connection that has died meanwhile is not answered
        .subscribe({ error: error => subscriber.error(error) }),
    );

    return () => {
      listener.close().catch(() => {});
      connection.stream.destroy(); // a dead connection would not end politely
    };
  });
}

/**
 * Never emits of use; errors when the server does not answer in time.
 *
 * Waits before the first ping, too: a pooler lends the listener a session for each, and a heartbeat sent
 * meanwhile would come back through it, as if LISTEN worked there.
 */
const pings = (
  connection: ProtocolConnection,
  { pingEveryMs = 5_000, pingTimeoutMs = 4_000 }: ListenSettings,
): Observable<unknown> =>
  timer(pingEveryMs).pipe(
    switchMap(() => {
      queueMicrotask(() => connection.sync()); // after the subscription, which must not miss the answer
      return fromEvent(connection, 'readyForQuery').pipe(take(1), timeout(pingTimeoutMs));
    }),
    repeat(),
  );
