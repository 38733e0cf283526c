import type { ObservableInput } from 'rxjs';
import type { Send } from '../alerting/ports.ts';
import type { SomeHooks } from '../checking/guards/guard-hooks.ts';
import type { Ports, Secrets } from '../checking/ports.ts';
import type { PrivateTargets } from '../domain/target/private-targets.ts';
import type { Optional } from '../domain/with-defaults.ts';
import type { TargetDraft } from '../targets/target-draft.ts';
import type { Logger } from './reporter.ts';

/** A website to add to the targets; one with its URL and method is changed instead. */
export type Website = { readonly url: string } & TargetDraft;

/** The options of `createMonitor`. Optional ones default to what the service does. */
export interface MonitorOptions extends Optional<MonitorNumbers> {
  /** URL of PostgreSQL 14 or newer. The schema `website_monitor` is created there */
  readonly dsn: string;
  /** Direct connection for LISTEN, where `dsn` leads through a pooler in transaction mode */
  readonly listenDsn?: string | undefined;
  /** Name in tables and sessions; it need not be unique. Default `website-monitor-{random uuid}` */
  readonly worker?: string | undefined;
  /** Added before the first check. Default none: only what is in `monitored_targets` */
  readonly websites?: readonly (string | Website)[] | undefined;
  /** False: refuse a schema that is not current instead of changing it. Default true */
  readonly migrate?: boolean | undefined;
  /** False: any status is up, unless the target says otherwise. Default true: 400 and above is down */
  readonly raiseForStatus?: boolean | undefined;
  /** Addresses beyond public ones that may be checked. Default none */
  readonly privateTargets?: PrivateTargets | undefined;
  /** Resolves references in headers and credentials; see `createSecrets`. Default: they are sent as they are */
  readonly secrets?: Secrets | undefined;
  /** True: reuses connections between checks where websites keep them. Default false: each check dials */
  readonly keepAlive?: boolean | undefined;
  /** Replaces ours, and with it `privateTargets`, `secrets`, `bodyBytesMax` and `keepAlive` */
  readonly fetch?: Ports['fetch'] | undefined;
  /** Replaces ours, and with it `regexTimeoutMs` */
  readonly match?: Ports['match'] | undefined;
  /** False: leaves alerting to other workers. Default true */
  readonly alerting?: boolean | undefined;
  /** Addresses beyond public ones to which alerts may be sent. Default none */
  readonly privateChannels?: PrivateTargets | undefined;
  /** URL of the server that takes mail, as in `smtp://user:password@host:587`. Default none: mail cannot be sent */
  readonly smtpUrl?: string | undefined;
  /** Replaces ours, and with it `privateChannels` and `smtpUrl` */
  readonly send?: Send | undefined;
  /** Called as things happen, for metrics. Default none */
  readonly hooks?: SomeHooks | undefined;
  /** Receives what is worth logging. Default none */
  readonly log?: Logger | undefined;
  /**
   * Its first value, or its abort, asks for a graceful stop: no new leases; running checks are finished and
   * recorded. Default never
   */
  readonly stop?: ObservableInput<unknown> | AbortSignal | undefined;
}

/** The options of `createMonitor` that are whole numbers. */
export interface MonitorNumbers {
  /** Maximum number of checks running at once, not counting slow ones; default 256 */
  readonly workerNumber: number;
  /** Maximum number of slow checks (over two seconds) running at once; default 4096 */
  readonly slowLaneSize: number;
  /** Maximum number of database connections, besides the one that listens; default 10 */
  readonly dbPoolSize: number;
  /** Maximum number of slots leased at once; default 200 */
  readonly batchSize: number;
  /** Maximum number of slots leased or waiting to be recorded; default 2000 */
  readonly queueSize: number;
  /** Timeout of each attempt, in ms, for targets without their own; default 10,000 */
  readonly maxTimeoutMs: number;
  /** Extra time added to a lease, beyond its longest check, to allow for recording, in ms; default 5000 */
  readonly leaseMarginMs: number;
  /** Extra attempts, made immediately on a new connection, before a target is reported as down; default 1 */
  readonly confirm: number;
  /** Maximum number of bytes to read of a body, after decompression; default 1 MiB */
  readonly bodyBytesMax: number;
  /** Longest time to search a body for a pattern, in ms; default 250 */
  readonly regexTimeoutMs: number;
  /** How long results, failures and gaps are kept, in days; rollups are kept longer. Default 90 */
  readonly retentionDays: number;
  /** How long a target is down before an alert opens, for targets without a time of their own, in ms; default 0 */
  readonly defaultAlertAfterMs: number;
  /** How long a target is up before its alert closes, for targets without a time of their own, in ms; default 180,000 */
  readonly defaultRecoveryPeriodMs: number;
  /** Least time from one message to the next to a channel that people read, in ms; default 60,000 */
  readonly alertIntervalMs: number;
}
