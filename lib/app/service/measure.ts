import { combineHooks } from '../../checking/combine-hooks.ts';
import type { Hooks } from '../../checking/ports.ts';
import { createAlertingRecording } from '../../metrics/alerting-recording.ts';
import { createInstruments } from '../../metrics/instruments.ts';
import { createRecording, type Recording } from '../../metrics/recording.ts';
import { describeError } from '../../postgres/error-codes.ts';
import { createHealth } from '../../web/health.ts';
import type { Reporter } from '../reporter.ts';

/** Counts for metrics and health what the pipeline does and a worker reports. */
export function measure(limits: Parameters<Recording['limits']>[0]) {
  const { registry, instruments } = createInstruments();
  const recording = createRecording(instruments);
  const alerting = createAlertingRecording(instruments);
  recording.limits(limits);
  const health = createHealth();
  let unrecordedCount = 0;

  const hooks: Hooks = {
    ...combineHooks(),
    occupancy: now => {
      unrecordedCount = now.running + now.unrecorded;
      recording.occupancy(now);
    },
    pass: pass => {
      health.worked('lease');
      recording.pass(pass);
    },
    settled: recording.settled,
    recorded: report => {
      health.worked('record');
      recording.recorded(report);
    },
  };

  return {
    hooks,
    registry,
    ready: health.ready,
    onReadyChange: health.onChange,
    stopping: health.stopping,
    certificates: recording.certificates,
    alertingHooks: { delivered: alerting.delivered },
    alerting: alerting.now,
    heartbeat: recording.heartbeat,
    logLineLost: recording.logLineLost,
    /** Leased and not recorded: what would be lost if the process ended now */
    unrecordedCount: () => unrecordedCount,
    /** Passes reports on, and counts them */
    measured: (report: Reporter): Reporter => ({
      ...report,
      listening: isUp => {
        recording.listening(isUp);
        if (isUp) health.worked('listen');
        report.listening(isUp);
      },
      clockSetBack: setBack => {
        recording.clockSetBack();
        report.clockSetBack(setBack);
      },
      retrying: (work, error, attempt) => {
        recording.retried(work);
        if (work !== 'alert') health.failed(work, describeError(error)); // checks go on without alerts
        report.retrying(work, error, attempt);
      },
    }),
  };
}

export type Measuring = ReturnType<typeof measure>;
