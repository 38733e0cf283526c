import { combineHooks } from '../checking/combine-hooks.ts';
import type { Ports } from '../checking/ports.ts';
import { type WorkerLoad, watchLoad } from '../checking/watch-load.ts';
import { createMatcher } from '../matching/matcher.ts';
import { postgresPorts } from '../postgres/checking/postgres-ports.ts';
import { createFetch } from '../probe/create-fetch.ts';
import type { Resolving, WorkerSettings } from './worker-parts.ts';

/** The effects of checking, over PostgreSQL and the network. Closing the scope closes what is opened. */
export function openPorts(
  scope: AsyncDisposableStack,
  settings: WorkerSettings,
  parts: Resolving,
): Ports & Pick<ReturnType<typeof postgresPorts>, 'alertWakeUps'> {
  const monotonicMs = () => performance.now();
  const watched = watchLoad(monotonicMs);
  return {
    ...openPostgresPorts(settings, parts, watched.load),
    fetch: parts.fetch ?? openFetch(scope, settings, parts),
    match: parts.match ?? openMatch(scope, settings),
    hooks: combineHooks(parts.hooks, { ...combineHooks(), ...watched.hooks }),
    stopping: parts.stopping,
    aborting: parts.aborting,
    monotonicMs,
  };
}

const openPostgresPorts = (settings: WorkerSettings, parts: Resolving, load: () => WorkerLoad) =>
  postgresPorts(parts.database, {
    dsn: parts.listenDsn,
    worker: settings.workerId,
    timeoutMs: settings.maxTimeoutMs,
    leaseMarginMs: settings.leaseMarginMs,
    attemptsMax: 1 + settings.confirm,
    certificateWarningDays: settings.certificateWarningDays,
    instanceId: parts.instanceId,
    workerRow: () => ({
      ...load(),
      instanceId: parts.instanceId,
      name: settings.workerId,
      version: parts.version,
      places: settings.workerNumber,
      slowPlaces: settings.slowLaneSize,
    }),
    onCertificates: parts.onCertificates,
    onAlerting: parts.onAlerting,
    stopping: parts.stopping,
    onListening: parts.report.listening,
    onTrouble: parts.report.retrying,
    onClockSetBack: parts.report.clockSetBack,
  });

function openFetch(
  scope: AsyncDisposableStack,
  { privateTargets, bodyBytesMax, keepAlive }: WorkerSettings,
  { secrets, resolve, report }: Resolving,
): Ports['fetch'] {
  const fetch = createFetch({
    resolve,
    privateTargets,
    bodyBytesMax,
    keepAlive,
    onBodyGivenUp: report.bodyGivenUp,
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
