import type { AlertingHooks, Send } from '../alerting/ports.ts';
import type { CheckSettings } from '../checking/check-slot.ts';
import type { Hooks, Ports, Secrets } from '../checking/ports.ts';
import type { Limits } from '../domain/occupancy.ts';
import type { PrivateTargets } from '../domain/target/private-targets.ts';
import type { Resolve } from '../net/names/resolution.ts';
import type { PostgresPortsSettings } from '../postgres/checking/postgres-ports.ts';
import type { Database } from '../postgres/database.ts';
import type { ConditionSettings } from '../postgres/upkeep/keep-conditions.ts';
import type { PrepareSettings } from './prepare.ts';
import type { Reporter } from './reporter.ts';

/** The numbers and switches of one worker. */
export interface WorkerSettings
  extends Limits,
    CheckSettings,
    ConditionSettings,
    Omit<PrepareSettings, 'websites'> {
  readonly workerId: string;
  readonly slowLaneSize: number;
  readonly maxTimeoutMs: number;
  readonly leaseMarginMs: number;
  readonly privateTargets: PrivateTargets;
  readonly bodyBytesMax: number;
  readonly keepAlive: boolean;
  readonly regexTimeoutMs: number;
  readonly certificateWarningDays: number;
  readonly retentionDays: number;
  /** For targets without times of their own */
  readonly defaultAlertAfterMs: number;
  readonly defaultRecoveryPeriodMs: number;
  /** False leaves alerting to other workers */
  readonly alerting: boolean;
  /** Where alerts may be sent besides public addresses */
  readonly privateChannels: PrivateTargets;
  /** Takes mail; null: none can be sent */
  readonly smtpUrl: string | null;
  /** Least time from one message to the next to a channel that people read */
  readonly alertIntervalMs: number;
  /** Where our pages are; null: messages have no links */
  readonly publicUrl: string | null;
  /** How long a new alert waits for others that begin at about the same time; default 1000 */
  readonly alertLingerMs?: number;
}

/** What a worker works with: opened by its caller, who closes it. */
export interface WorkerParts extends Pick<PrepareSettings, 'websites'> {
  readonly database: Database;
  /** For LISTEN */
  readonly listenDsn: string;
  readonly hooks: Hooks;
  readonly report: Reporter;
  readonly stopping: Ports['stopping'];
  readonly aborting: Ports['aborting'];
  /** By default texts stand for themselves */
  readonly secrets?: Secrets | undefined;
  /** Instead of the worker's own: resolver, fetch, matcher. The last two are guarded by their caller */
  readonly resolve?: Resolve | undefined;
  readonly fetch?: Ports['fetch'] | undefined;
  readonly match?: Ports['match'] | undefined;
  /** Instead of the worker's own */
  readonly send?: Send | undefined;
  readonly alertingHooks?: AlertingHooks;
  /** A UUID that marks the worker's heartbeats and its row of `workers` */
  readonly instanceId: string;
  /** Of website-monitor */
  readonly version: string;
  readonly onCertificates?: PostgresPortsSettings['onCertificates'];
  readonly onAlerting?: PostgresPortsSettings['onAlerting'];
  /** Once the database is ready: the first lease pass is next */
  readonly onStarted?: () => void;
  readonly traced?: (ports: Ports) => Ports;
}

/** With the resolver that checks and channels share. */
export interface Resolving extends WorkerParts {
  readonly resolve: Resolve;
}
