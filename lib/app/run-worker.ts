import { concatMap, connect, EMPTY, ignoreElements, merge, type Observable, takeUntil } from 'rxjs';
import { alerting } from '../alerting/pipeline.ts';
import type { AlertingHooks, AlertingPorts, Send } from '../alerting/ports.ts';
import type { CheckSettings } from '../checking/check-slot.ts';
import { returnLeases } from '../checking/guards/return-leases.ts';
import { monitor } from '../checking/pipeline.ts';
import type { Hooks, Ports, Recorded, Secrets } from '../checking/ports.ts';
import type { Limits } from '../domain/occupancy.ts';
import { PACE } from '../domain/pace.ts';
import type { PrivateTargets } from '../domain/target/private-targets.ts';
import { createMatcher } from '../matching/matcher.ts';
import type { Resolve } from '../net/names/resolution.ts';
import { createNameResolver } from '../net/names/resolve-name.ts';
import { alertingPorts } from '../postgres/alerting/alerting-ports.ts';
import { type PostgresPortsSettings, postgresPorts } from '../postgres/checking/postgres-ports.ts';
import type { Database } from '../postgres/database.ts';
import { runUpkeep } from '../postgres/upkeep/run-upkeep.ts';
import { createFetch } from '../probe/create-fetch.ts';
import { openSend } from './open-send.ts';
import { type PrepareSettings, prepare } from './prepare.ts';
import type { Reporter } from './reporter.ts';
import { scoped } from './scoped.ts';

/** The numbers and switches of one worker. */
export interface WorkerSettings extends Limits, CheckSettings, Omit<PrepareSettings, 'websites'> {
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
  /** Marks the worker's heartbeats; random by default */
  readonly instanceId?: string;
  readonly onCertificates?: PostgresPortsSettings['onCertificates'];
  /** Once the database is ready: the first lease pass is next */
  readonly onStarted?: () => void;
  readonly traced?: (ports: Ports) => Ports;
}

/**
 * The composition root of checking, for the service and for embedders: prepares the database, then leases,
 * checks, records and does the upkeep until `stopping`. Emits what was recorded.
 */
export const runWorker = (settings: WorkerSettings, parts: WorkerParts): Observable<Recorded> =>
  prepare(parts.database, { ...settings, websites: parts.websites }, parts.report).pipe(
    takeUntil(parts.stopping), // here and not below, where it would cut off checks under way
    concatMap(() =>
      scoped(scope => {
        const resolve = parts.resolve ?? scope.adopt(createNameResolver(), names => names.close()).resolve;
        const { alertWakeUps, ...ports } = openPorts(scope, settings, { ...parts, resolve });
        parts.onStarted?.();
        return merge(check(ports, settings, parts), alert(alertWakeUps, settings, { ...parts, resolve }));
      }),
    ),
  );

/** The pipeline, and the upkeep that follows what it records. */
const check = (ports: Ports, settings: WorkerSettings, parts: WorkerParts): Observable<Recorded> => {
  const { workerNumber, slowLaneSize, batchSize, queueSize, confirm, raiseForStatus, retentionDays } =
    settings;
  const { database, report, traced = plain => plain } = parts;
  const upkeep = runUpkeep(database, {
    retentionDays,
    monotonicMs: ports.monotonicMs,
    onTrouble: report.upkeepFailed,
    onDropped: report.partitionsDropped,
  });
  const pipelineSettings = {
    workerNumber,
    slowLaneSize,
    batchSize,
    queueSize,
    confirm,
    raiseForStatus,
    ...PACE,
  };
  return returnLeases(traced(ports), watched =>
    monitor(watched, pipelineSettings).pipe(connect(recorded => merge(recorded, recorded.pipe(upkeep)))),
  );
};

interface Resolving extends WorkerParts {
  readonly resolve: Resolve;
}

const NO_HOOKS: AlertingHooks = { advanced: () => {}, delivered: () => {} };

/** Alerting beside the checks, until `stopping`. Emits nothing. */
function alert(
  wakeUps: AlertingPorts['wakeUps'],
  settings: WorkerSettings,
  { database, report, alertingHooks = NO_HOOKS, stopping, aborting, ...parts }: Resolving,
): Observable<never> {
  const { privateChannels, smtpUrl } = settings;
  const { resolve, secrets, send = openSend({ resolve, secrets, privateChannels, smtpUrl }) } = parts;
  if (!settings.alerting) return EMPTY;
  const ports = alertingPorts(database, {
    worker: settings.workerId,
    alertAfterMs: settings.defaultAlertAfterMs,
    recoveryPeriodMs: settings.defaultRecoveryPeriodMs,
    alertIntervalMs: settings.alertIntervalMs,
    publicUrl: settings.publicUrl,
    lingerMs: settings.alertLingerMs,
    stopping,
    onTrouble: (error, attempt) => report.retrying('alert', error, attempt),
  });
  return alerting({
    ...ports,
    wakeUps,
    send,
    hooks: alertingHooks,
    stopping,
    aborting,
    monotonicMs: () => performance.now(),
  }).pipe(ignoreElements());
}

const openPorts = (
  scope: AsyncDisposableStack,
  settings: WorkerSettings,
  parts: Resolving,
): Ports & Pick<ReturnType<typeof postgresPorts>, 'alertWakeUps'> => ({
  ...postgresPorts(parts.database, {
    dsn: parts.listenDsn,
    worker: settings.workerId,
    timeoutMs: settings.maxTimeoutMs,
    leaseMarginMs: settings.leaseMarginMs,
    attemptsMax: 1 + settings.confirm,
    certificateWarningDays: settings.certificateWarningDays,
    stopping: parts.stopping,
    onListening: parts.report.listening,
    onTrouble: parts.report.retrying,
    onClockSetBack: parts.report.clockSetBack,
    ...(parts.instanceId && { instanceId: parts.instanceId }),
    ...(parts.onCertificates && { onCertificates: parts.onCertificates }),
  }),
  fetch: parts.fetch ?? openFetch(scope, settings, parts),
  match: parts.match ?? openMatch(scope, settings),
  hooks: parts.hooks,
  stopping: parts.stopping,
  aborting: parts.aborting,
  monotonicMs: () => performance.now(),
});

function openFetch(
  scope: AsyncDisposableStack,
  { privateTargets, bodyBytesMax, keepAlive }: WorkerSettings,
  { secrets, resolve }: Resolving,
): Ports['fetch'] {
  const fetch = createFetch({
    resolve,
    privateTargets,
    bodyBytesMax,
    keepAlive,
    ...(secrets && { secrets }),
  });
  return scope.adopt(fetch, ({ close }) => close());
}

function openMatch(
  scope: AsyncDisposableStack,
  { workerNumber, slowLaneSize, regexTimeoutMs }: WorkerSettings,
): Ports['match'] {
  const matcher = createMatcher({ jobsMax: workerNumber + slowLaneSize, runMsMax: regexTimeoutMs });
  return scope.adopt(matcher, ({ close }) => close()).match;
}
