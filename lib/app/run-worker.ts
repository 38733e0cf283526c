import {
  concat,
  concatMap,
  connect,
  EMPTY,
  ignoreElements,
  merge,
  type Observable,
  Subject,
  takeUntil,
  tap,
} from 'rxjs';
import { alerting } from '../alerting/pipeline.ts';
import type { AlertingHooks, AlertingPorts, DeliveryReport } from '../alerting/ports.ts';
import { returnLeases } from '../checking/guards/return-leases.ts';
import { monitor } from '../checking/pipeline.ts';
import type { Ports, Recorded } from '../checking/ports.ts';
import { PACE } from '../domain/pace.ts';
import { createNameResolver } from '../net/names/resolve-name.ts';
import { alertingPorts } from '../postgres/alerting/alerting-ports.ts';
import { removeWorker } from '../postgres/checking/remove-worker.ts';
import { runUpkeep } from '../postgres/upkeep/run-upkeep.ts';
import { openPorts } from './open-ports.ts';
import { openSend } from './open-send.ts';
import { prepare } from './prepare.ts';
import { scoped } from './scoped.ts';
import type { Resolving, WorkerParts, WorkerSettings } from './worker-parts.ts';

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
        const delivered = new Subject<unknown>();
        const happening = merge(ports.wakeUps, alertWakeUps, delivered);
        const alerts = alert(alertWakeUps, settings, { ...parts, resolve }).pipe(
          tap(delivered),
          ignoreElements(),
        );
        return concat(
          merge(check(ports, settings, parts, happening), alerts),
          removeWorker(parts.database, parts.instanceId),
        );
      }),
    ),
  );

/** The pipeline, and the upkeep that follows what it records and what else is `happening`. */
const check = (
  ports: Ports,
  settings: WorkerSettings,
  parts: WorkerParts,
  happening: Observable<unknown>,
): Observable<Recorded> => {
  const { workerNumber, slowLaneSize, batchSize, queueSize, confirm, raiseForStatus, retentionDays } =
    settings;
  const { database, report, traced = plain => plain } = parts;
  const upkeep = runUpkeep(database, {
    retentionDays,
    monotonicMs: ports.monotonicMs,
    conditions: settings.alerting ? settings : null,
    happening,
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

const NO_HOOKS: AlertingHooks = { advanced: () => {}, delivered: () => {} };

/** Alerting beside the checks, until `stopping`. */
function alert(
  wakeUps: AlertingPorts['wakeUps'],
  settings: WorkerSettings,
  { database, report, alertingHooks = NO_HOOKS, stopping, aborting, ...parts }: Resolving,
): Observable<DeliveryReport> {
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
  });
}
