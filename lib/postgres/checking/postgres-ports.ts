import { randomUUID } from 'node:crypto';
import { filter, NEVER, type Observable, share } from 'rxjs';
import type { Ports } from '../../checking/ports.ts';
import { AHEAD_MS } from '../../domain/pace.ts';
import type { Database } from '../database.ts';
import { findChanged } from './find-changed.ts';
import type { ClockSetBack } from './follow-clock.ts';
import { holdBatches } from './held-batches.ts';
import { leaseSlots } from './lease-slots.ts';
import { recordChecks } from './record-checks.ts';
import { type AlertingNow, type Certificates, type WorkerRow, wakeUps } from './wake-ups.ts';

/** What the service uses the database for. */
export type DatabaseWork = 'lease' | 'record' | 'listen' | 'alert';

/** How a worker uses its database. */
export interface PostgresPortsSettings {
  /** For LISTEN: a direct connection, since LISTEN does not survive a pooler in transaction mode */
  readonly dsn: string;
  /** Name in tables and sessions; it need not be unique */
  readonly worker: string;
  /** For targets without a timeout of their own; default 10,000 */
  readonly timeoutMs?: number | undefined;
  /** A lease lasts this much longer than its longest check may take, for recording; default 5000 */
  readonly leaseMarginMs?: number | undefined;
  /** Slots are leased this long before they fall due, and run on time; default 300 */
  readonly aheadMs?: number | undefined;
  /** Attempts that one check may take: 1 + the pipeline's `confirm`; default 2 */
  readonly attemptsMax?: number | undefined;
  /** Unique to this process; marks its heartbeats. Default random */
  readonly instanceId?: string | undefined;
  /** A certificate counts as expiring this many days before it expires; default 14 */
  readonly certificateWarningDays?: number | undefined;
  /** Called four times a minute while LISTEN works */
  readonly onCertificates?: ((certificates: Certificates) => void) | undefined;
  /** Called four times a minute while LISTEN works */
  readonly onAlerting?: ((alerting: AlertingNow) => void) | undefined;
  /** What is written into `workers` four times a minute; by default nothing */
  readonly workerRow?: (() => WorkerRow) | undefined;
  /** The pipeline's; default never */
  readonly stopping?: Observable<unknown> | undefined;
  /** Called before each retry; `attempt` is 1 for the first failure in a row */
  readonly onTrouble?: ((work: DatabaseWork, error: unknown, attempt: number) => void) | undefined;
  /** Called by the one worker that made targets due again after the database's clock was set back */
  readonly onClockSetBack?: ((setBack: ClockSetBack) => void) | undefined;
  /** Called with false when polling begins, and with true when LISTEN works again */
  readonly onListening?: ((isListening: boolean) => void) | undefined;
}

/**
 * Implements the ports that need PostgreSQL: when to look for work, leasing, which targets changed, recording. The schema must be
 * current; see `prepareDatabase`. Each `monitor` needs ports of its own: lease and record share state.
 */
export function postgresPorts(
  database: Database,
  settings: PostgresPortsSettings,
): Pick<Ports, 'wakeUps' | 'lease' | 'record'> &
  Required<Pick<Ports, 'findChanged'>> & {
    /** When to look for alerts, from the same listener */
    readonly alertWakeUps: Observable<unknown>;
  } {
  const { dsn, worker, timeoutMs = 10_000, leaseMarginMs = 5_000, attemptsMax = 2 } = settings;
  const { aheadMs = AHEAD_MS, stopping = NEVER, onTrouble = () => {}, onListening = () => {} } = settings;
  const {
    instanceId = randomUUID(),
    certificateWarningDays,
    onCertificates,
    onAlerting,
    workerRow,
  } = settings;
  const held = holdBatches();
  const troubleIn = (work: DatabaseWork) => (error: unknown, attempt: number) =>
    onTrouble(work, error, attempt);
  const heard = wakeUps(database, {
    dsn,
    applicationName: worker,
    instanceId,
    certificateWarningDays,
    onCertificates,
    onAlerting,
    workerRow,
    onListening,
    onTrouble: troubleIn('listen'),
  }).pipe(share());
  return {
    wakeUps: heard.pipe(filter(work => work !== 'alerts')),
    alertWakeUps: heard.pipe(filter(work => work !== 'checks')),
    lease: leaseSlots(database, held, {
      worker,
      timeoutMs,
      leaseMarginMs,
      attemptsMax,
      aheadMs,
      stopping,
      onTrouble: troubleIn('lease'),
      onClockSetBack: settings.onClockSetBack,
    }),
    findChanged: findChanged(database, troubleIn('lease')),
    record: recordChecks(database, held, { worker, onTrouble: troubleIn('record') }),
  };
}
