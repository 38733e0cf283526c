import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import pg from 'pg';
import pgListen from 'pg-listen';
import { from, fromEvent, Observable, repeat, switchMap, take, timeout, timer } from 'rxjs';
import { findServer, type Server } from './connecting/find-server.ts';

/** A channel to listen on, and how to notice that the connection is dead. */
export interface ListenSettings {
  /** A direct connection: LISTEN does not survive a pooler in transaction mode */
  readonly dsn: string;
  readonly channel: string;
  readonly applicationName: string;
  /** For connecting, and again for LISTEN; default 5000 */
  readonly connectTimeoutMs?: number | undefined;
  /** From one answered ping to the next; default 5000 */
  readonly pingEveryMs?: number | undefined;
  /** For the answer to a ping; default 4000 */
  readonly pingTimeoutMs?: number | undefined;
}

export type Heard =
  /** LISTEN has returned: every notification committed from now on arrives */
  { readonly kind: 'listening' } | { readonly kind: 'notified'; readonly payload: string };

/** pg's Connection, the protocol below its Client. pg exports it, but its types leave it out. */
interface ProtocolConnection extends EventEmitter {
  readonly stream: Socket;
  readonly sync: () => void;
}

/**
 * Turns a NOTIFY channel into an Observable: subscribing connects and listens, unsubscribing disconnects.
 * Errors at any fault of the connection, and leaves reconnecting to the subscriber.
 *
 * pg-listen 1.7.0 sends LISTEN and passes notifications on. Its other features cannot be used as they are
 * meant, whatever their options:
 *
 * - Reconnection. `close()` does not end a reconnection under way: the loop continues, and connects a client
 *   that nobody can close. It is off (`retryLimit: 1` means no attempt).
 * - Paranoid checking. It queries every 30 s, so it finds a half-open connection too late and takes two of
 *   the four statements a minute that an idle worker may cost. Instead the connection is pinged with a bare
 *   Sync, which the server must answer with ReadyForQuery: no statement, and an answer that only the server
 *   itself can give.
 * - `close()` says goodbye and waits for the other side, which a half-open connection never answers. The
 *   socket is destroyed instead.
 *
 * Sync and destroy need the connection, which pg-listen keeps to itself: it is lent one of ours. Remove the
 * lending when pg-listen exposes its Client; docs/decisions/0002-listening.md has the rest.
 */
export const listen = (settings: ListenSettings): Observable<Heard> =>
  serverToListenTo(settings).pipe(switchMap(server => listenAt(server, settings)));

/** Searches once; unsubscribing ends the search. */
const serverToListenTo = ({
  dsn,
  applicationName,
  connectTimeoutMs = 5_000,
}: ListenSettings): Observable<Server> =>
  new Observable(subscriber => {
    const ending = new AbortController();
    const search = { applicationName, connectTimeoutMs, signal: ending.signal };
    subscriber.add(from(findServer(dsn, search)).subscribe(subscriber));
    return () => ending.abort();
  });

function listenAt(server: Server, settings: ListenSettings): Observable<Heard> {
  const { channel, applicationName, connectTimeoutMs = 5_000 } = settings;
  return new Observable<Heard>(subscriber => {
    const config = { ...server.config, application_name: applicationName };
    // A Client of our own sets the connection up as the DSN says; pg-listen's Client then takes it as it is.
    const connection = (new pg.Client(config) as unknown as { connection: ProtocolConnection }).connection;
    const listener = pgListen.default(
      { ...config, connection } as pg.ClientConfig,
      { retryLimit: 1, paranoidChecking: false, parse: payload => payload }, // payloads are not JSON
    );

    // pg-listen's own message is about its reconnection, which is off.
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
        .pipe(timeout(2 * connectTimeoutMs)) // connecting has a limit of its own, LISTEN has none
        .subscribe({ error: error => subscriber.error(error) }),
    );

    return () => {
      listener.close().catch(() => {});
      connection.stream.destroy();
    };
  });
}

/**
 * Pings the server for ever; errors when it does not answer in time. The values mean nothing.
 *
 * Waits before the first ping: a pooler lends the listener a session for each ping, and a heartbeat sent
 * meanwhile would come back through it as if LISTEN worked there.
 */
const pings = (
  connection: ProtocolConnection,
  { pingEveryMs = 5_000, pingTimeoutMs = 4_000 }: ListenSettings,
): Observable<unknown> =>
  timer(pingEveryMs).pipe(
    switchMap(() => {
      queueMicrotask(() => connection.sync()); // once subscribed, so that the answer is not missed
      return fromEvent(connection, 'readyForQuery').pipe(take(1), timeout(pingTimeoutMs));
    }),
    repeat(),
  );
