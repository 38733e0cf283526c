import {
  BehaviorSubject,
  catchError,
  connect,
  defer,
  delayWhen,
  distinctUntilChanged,
  EMPTY,
  filter,
  finalize,
  ignoreElements,
  interval,
  map,
  merge,
  type Observable,
  ReplaySubject,
  repeat,
  skip,
  switchMap,
  tap,
  throwError,
  timeout,
} from 'rxjs';
import type { AlertState } from '../../alerting/alert.ts';
import type { WorkerLoad } from '../../checking/watch-load.ts';
import { type Backoff, backoffMs } from '../../domain/backoff.ts';
import { retryWithBackoff } from '../../operators/retry-with-backoff.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';
import { type Heard, type ListenSettings, listen } from '../listen.ts';

/** How a worker listens for changes, and when it polls instead. */
export interface WakeUpSettings extends Omit<ListenSettings, 'channel'> {
  /** Unique to this process; marks its heartbeats */
  readonly instanceId: string;
  /** Default 15,000: four statements a minute, which is all that an idle worker costs */
  readonly heartbeatEveryMs?: number | undefined;
  /** For a heartbeat's notification to come back; default 1000 */
  readonly echoTimeoutMs?: number | undefined;
  /** From poll to poll while notifications do not arrive; default 1000 */
  readonly pollEveryMs?: number | undefined;
  /** A certificate counts as expiring this many days before it expires; default 14 */
  readonly certificateWarningDays?: number | undefined;
  /** Called after each heartbeat */
  readonly onCertificates?: ((certificates: Certificates) => void) | undefined;
  /** Called after each heartbeat */
  readonly onAlerting?: ((alerting: AlertingNow) => void) | undefined;
  /** What each heartbeat writes of this worker; by default nothing */
  readonly workerRow?: (() => WorkerRow) | undefined;
  readonly onListening: (isListening: boolean) => void;
  readonly onTrouble: (error: unknown, attempt: number) => void;
}

/** A summary of all targets' certificates. */
export interface Certificates {
  /** The earliest expiry, in seconds since 1970; null if none is known */
  readonly earliestExpiryS: number | null;
  /** At most 1000 */
  readonly expiringCount: number;
}

/** A summary of alerting, over all workers. */
export interface AlertingNow {
  /** Alerts that are not closed, by state */
  readonly alerts: Readonly<Partial<Record<AlertState, number>>>;
  /** When the oldest delivery that waits was made, in seconds since 1970; null if none waits */
  readonly waitingSinceS: number | null;
  /** Dead letters, at most 10,000 */
  readonly dead: number;
  /** Channels whose last attempt failed, or that the service disabled */
  readonly failing: number;
  /** Targets that are slow, at most 10,000 */
  readonly slow: number;
}

/** A row of `workers`. */
export interface WorkerRow extends WorkerLoad {
  /** A UUID */
  readonly instanceId: string;
  readonly name: string;
  readonly version: string;
  readonly places: number;
  readonly slowPlaces: number;
}

interface HeartbeatRow extends Record<string, unknown> {
  readonly due: boolean;
  readonly alerts_due: boolean;
  readonly certificate_expires_s: number | null;
  readonly certificates_expiring: number;
  readonly alerting: AlertingNow;
}

/** What to look for: due slots, alerts and deliveries, or either. */
export type WakeUp = 'checks' | 'alerts' | 'all';

/** Triggers notify it: those of targets without a payload, those of alerts with one of their own */
const CHANNEL = 'website_monitor';
const ALERTS = 'alerts';

/** Slower than for the database itself: behind a pooler it never succeeds, and polling covers for it. */
const LISTEN_BACKOFF: Backoff = { firstMs: 100, ceilingMs: 10_000 };

const HEARTBEAT = 'heartbeat:';

/** A heartbeat's notification did not come back. */
export class EchoLostError extends Error {
  override readonly name = 'EchoLostError';
  constructor() {
    super(
      'notifications do not arrive: LISTEN was lost, or the connection goes through a transaction pooler',
    );
  }
}

/**
 * Emits when it is time to look for due work for a reason other than the clock: targets, incidents or channels
 * changed, LISTEN has connected, the slow safety pass found due work, or a poll is due because LISTEN is down.
 * Never errors and never completes.
 */
export function wakeUps(database: Database, settings: WakeUpSettings): Observable<WakeUp> {
  const { pollEveryMs = 1_000 } = settings;
  return defer(() => {
    const isListening = new BehaviorSubject(false);
    const notifications = listen({ ...settings, channel: CHANNEL }).pipe(
      connect(heard =>
        merge(
          heard.pipe(filter(isWakeUp), map(workOf)),
          heard.pipe(
            filter(({ kind }) => kind === 'listening'),
            switchMap(() => heartbeats(heard, database, settings)),
            tap(() => isListening.next(true)),
            map((due, index) => (index === 0 ? 'all' : due)), // the first echo shows that LISTEN works: look once
            filter(due => due !== null),
          ),
        ),
      ),
      tap({ error: () => isListening.next(false) }),
      retryWithBackoff(attempt => backoffMs(LISTEN_BACKOFF, attempt, Math.random()), settings.onTrouble),
    );
    const changes = isListening.pipe(distinctUntilChanged());
    return merge(
      notifications,
      changes.pipe(
        switchMap(listening => (listening ? EMPTY : interval(pollEveryMs))),
        map((): WakeUp => 'all'),
      ),
      changes.pipe(skip(1), tap(settings.onListening), ignoreElements()), // the first is the initial value
    );
  });
}

const isWakeUp = (heard: Heard): boolean => heard.kind === 'notified' && !heard.payload.startsWith(HEARTBEAT);

const workOf = (heard: Heard): WakeUp =>
  heard.kind === 'notified' && heard.payload === ALERTS ? 'alerts' : 'checks';

/**
 * Sends notifications through the pool that must come back through the listener. This tests the whole path,
 * including the registration; a query on the listener's connection would not. Behind a pooler the echo never comes,
 * but each attempt to listen sends a heartbeat, so that the worker's row is written all the same.
 *
 * Emits what is due after each echo, or null. Errors with EchoLostError if a notification does not come back.
 */
function heartbeats(
  heard: Observable<Heard>,
  database: Database,
  settings: WakeUpSettings,
): Observable<WakeUp | null> {
  const { instanceId, heartbeatEveryMs = 15_000, echoTimeoutMs = 1_000, onTrouble } = settings;
  const { certificateWarningDays = 14, onCertificates, onAlerting, workerRow } = settings;
  const text = statement('heartbeat');
  const payload = `${HEARTBEAT}${instanceId}`;
  const echoLost = { first: echoTimeoutMs, with: () => throwError(() => new EchoLostError()) };

  return defer(() => {
    const echo = new ReplaySubject<Heard>(1); // it may arrive before the query's own answer
    const hearing = heard
      .pipe(filter(one => one.kind === 'notified' && one.payload === payload))
      .subscribe(echo);
    return defer(async () => {
      const values = [payload, certificateWarningDays, workerRow ? JSON.stringify(workerRow()) : null];
      const [row] = await database.query<HeartbeatRow>(text, values, 'website_monitor.heartbeat');
      if (!row) return null;
      onCertificates?.({
        earliestExpiryS: row.certificate_expires_s,
        expiringCount: row.certificates_expiring,
      });
      onAlerting?.(row.alerting);
      return row.due ? (row.alerts_due ? 'all' : 'checks') : row.alerts_due ? 'alerts' : null;
    }).pipe(
      catchError(error => {
        onTrouble(error, 1);
        return EMPTY; // the pool's trouble is not the listener's
      }),
      delayWhen(() => echo.pipe(timeout(echoLost))),
      finalize(() => hearing.unsubscribe()),
    );
  }).pipe(repeat({ delay: heartbeatEveryMs }));
}
