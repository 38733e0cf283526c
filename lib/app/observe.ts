import type { Hooks } from '../checking/ports.ts';
import type { Check } from '../domain/check/check.ts';
import type { Lease } from '../domain/check/lease.ts';
import type { Limits } from '../domain/occupancy.ts';
import { isPowerOfTwo } from '../domain/power-of-two.ts';
import { createRecent } from '../domain/recent.ts';
import type { Log } from '../log/create-log.ts';
import { createInstruments } from '../metrics/instruments.ts';
import { createRecording } from '../metrics/recording.ts';
import { EchoLostError } from '../postgres/checking/wake-ups.ts';
import { describeError } from '../postgres/error-codes.ts';
import { createHealth, type Work } from '../web/health.ts';

const DAY_MS = 86_400_000;

export interface ObserveSettings extends Pick<Limits, 'workerNumber' | 'queueSize'> {
  readonly certificateWarningDays?: number;
  /** By default nothing is traced */
  readonly traceIdOf?: (lease: Lease) => string | undefined;
}

/** Where everything that happens is told to metrics, health and log. */
export function observe(log: Log, settings: ObserveSettings) {
  const { certificateWarningDays = 14, traceIdOf = () => undefined, ...limits } = settings;
  const { registry, instruments } = createInstruments();
  const recording = createRecording(instruments);
  recording.limits(limits);
  const health = createHealth();
  /** By target: once a day is enough */
  const warnedAtMs = createRecent<number>(10_000);
  let unrecordedCount = 0;
  let isPooled = false;
  let telemetryTroubles = 0;
  log.lineLost.subscribe(recording.logLineLost);

  const warnOfExpiry = ({ certificate, startedAtMs, lease: { target } }: Check): void => {
    if (certificate === null || certificateWarningDays === 0) return;
    if (certificate.expiresAtMs - startedAtMs > certificateWarningDays * DAY_MS) return;
    if (startedAtMs < (warnedAtMs.get(target.id) ?? 0) + DAY_MS) return;
    warnedAtMs.set(target.id, startedAtMs);
    log.warn('a certificate expires soon', {
      targetId: target.id,
      url: target.url,
      host: certificate.host,
      expiresAt: new Date(certificate.expiresAtMs).toISOString(),
    });
  };

  const hooks: Hooks = {
    occupancy: now => {
      unrecordedCount = now.running + now.unrecorded;
      recording.occupancy(now);
    },
    pass: pass => {
      health.worked('lease');
      recording.pass(pass);
      if (pass.slotsMissed > 0) log.warn('slots were missed: recorded as gaps', { slots: pass.slotsMissed });
    },
    started: () => {},
    confirming: () => {},
    settled: settled => {
      recording.settled(settled);
      if (settled.kind === 'checked') log.check(settled, traceIdOf(settled.lease));
    },
    recorded: report => {
      health.worked('record');
      recording.recorded(report);
      const { recorded, transitions, lostLeaseCount, rejectedCount } = report;
      for (const { check, to } of transitions) log.transition(check, to, traceIdOf(check.lease));
      for (const check of recorded) warnOfExpiry(check);
      if (lostLeaseCount > 0)
        log.warn('checks were dropped: their lease was lost', { checks: lostLeaseCount });
      if (rejectedCount > 0) log.warn('checks could not be recorded as they were', { checks: rejectedCount });
    },
  };

  return {
    hooks,
    registry,
    ready: health.ready,
    stopping: health.stopping,
    /** Leased and not recorded: what would be lost if the process ended now */
    unrecordedCount: () => unrecordedCount,
    certificates: recording.certificates,
    listening: (isUp: boolean): void => {
      recording.listening(isUp);
      if (isUp) health.worked('listen');
      isPooled = false;
      log.info(isUp ? 'listening for changes' : 'not listening: looks for work every second instead');
    },
    telemetryTrouble: (reason: string): void => {
      telemetryTroubles += 1;
      if (isPowerOfTwo(telemetryTroubles))
        log.warn('telemetry was lost: it could not be exported', { reason, times: telemetryTroubles });
    },
    /** Tells of the first, second, fourth, eighth … attempt: an outage must not flood the log. */
    trouble: (work: Work, error: unknown, attempt: number): void => {
      recording.retried(work);
      health.failed(work, describeError(error));
      if (error instanceof EchoLostError) {
        if (!isPooled) log.warn('polls every second, and tries to listen again', { reason: error.message });
        isPooled = true;
      }
      if ((isPooled && work === 'listen') || !isPowerOfTwo(attempt)) return;
      log.warn(`${work} failed, and is tried again`, { reason: describeError(error), attempt });
    },
  };
}

export type Observer = ReturnType<typeof observe>;
