import { randomUUID } from 'node:crypto';
import { NEVER, type Observable } from 'rxjs';
import type { Ports } from '../../checking/ports.ts';
import { AHEAD_MS } from '../../domain/pace.ts';
import type { Database } from '../database.ts';
import { holdBatches } from './held-batches.ts';
import { leaseSlots } from './lease-slots.ts';
import { recordChecks } from './record-checks.ts';
import { type Certificates, wakeUps } from './wake-ups.ts';

/** What the service needs the database for. */
export type DatabaseWork = 'lease' | 'record' | 'listen';

export interface PostgresPortsSettings {
  /** For LISTEN: a direct connection, which no pooler in transaction mode gives */
  readonly dsn: string;
  /** Name in tables and sessions; it need not be unique */
  readonly worker: string;
  /** For targets without a timeout of their own; default 10,000 */
  readonly timeoutMs?: number;
  /** How much longer a batch is leased than its longest check may take: the time for recording; default 5000 */
  readonly leaseMarginMs?: number;
  /** How long before they fall due slots are leased; each is run at its own time. Default 300 */
  readonly aheadMs?: number;
  /** Attempts that one check may take: 1 + the pipeline's `confirm`; default 2 */
  readonly attemptsMax?: number;
  /** Unique to this process: marks its heartbeats; default random */
  readonly instanceId?: string;
  /** Days before its expiry from which on a certificate counts as expiring; default 14 */
  readonly certificateWarningDays?: number;
  /** Told four times a minute while it listens; default nobody */
  readonly onCertificates?: (certificates: Certificates) => void;
  /** As the pipeline's; default never */
  readonly stopping?: Observable<unknown>;
  /** Told of each failure before it is tried again; `attempt` is 1 for the first in a row */
  readonly onTrouble?: (work: DatabaseWork, error: unknown, attempt: number) => void;
  /** False while changes are found by polling */
  readonly onListening?: (isListening: boolean) => void;
}

/**
 * The ports that PostgreSQL fills: slots to lease, where to record them, and when to look. The schema
 * must be there; see `prepareDatabase`. One set for each `monitor`, for lease and record share a memory.
 */
export function postgresPorts(
  database: Database,
  settings: PostgresPortsSettings,
): Pick<Ports, 'wakeUps' | 'lease' | 'record'> {
  const { dsn, worker, timeoutMs = 10_000, leaseMarginMs = 5_000, attemptsMax = 2 } = settings;
  const { aheadMs = AHEAD_MS, stopping = NEVER, onTrouble = () => {}, onListening = () => {} } = settings;
  const { instanceId = randomUUID(), certificateWarningDays = 14, onCertificates = () => {} } = settings;
  const held = holdBatches();
  const troubleIn = (work: DatabaseWork) => (error: unknown, attempt: number) =>
    onTrouble(work, error, attempt);
  return {
    wakeUps: wakeUps(database, {
      dsn,
      applicationName: worker,
      instanceId,
      certificateWarningDays,
      onCertificates,
      onListening,
      onTrouble: troubleIn('listen'),
    }),
    lease: leaseSlots(database, held, {
      worker,
      timeoutMs,
      leaseMarginMs,
      attemptsMax,
      aheadMs,
      stopping,
      onTrouble: troubleIn('lease'),
    }),
    record: recordChecks(database, held, { worker, onTrouble: troubleIn('record') }),
  };
}
