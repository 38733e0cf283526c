import type { Hooks } from '../checking/ports.ts';
import { PHASES } from '../domain/check/answer.ts';
import type { Check } from '../domain/check/check.ts';
import { type Limits, placesTaken } from '../domain/occupancy.ts';
import type { BeatResult, DatabaseOperation } from './catalogue.ts';
import type { Instruments } from './instruments.ts';

/** Updates the metrics: the pipeline's hooks, and what else the service reports. */
export interface Recording extends Omit<Hooks, 'started' | 'confirming'> {
  readonly limits: (
    limits: Pick<Limits, 'workerNumber' | 'queueSize'> & { readonly slowLaneSize: number },
  ) => void;
  readonly retried: (operation: DatabaseOperation) => void;
  readonly listening: (isUp: boolean) => void;
  readonly clockSetBack: () => void;
  readonly heartbeat: (result: BeatResult) => void;
  readonly logLineLost: () => void;
  readonly certificates: (known: {
    readonly earliestExpiryS: number | null;
    readonly expiringCount: number;
  }) => void;
}

export function createRecording(instruments: Instruments): Recording {
  const countCheck = checkCounter(instruments);
  return {
    limits: ({ workerNumber, slowLaneSize, queueSize }) => {
      instruments.checksRunningMax.set(workerNumber);
      instruments.checksSlowMax.set(slowLaneSize);
      instruments.checksUnrecordedMax.set(queueSize);
    },
    occupancy: now => {
      instruments.checksRunning.set(placesTaken(now));
      instruments.checksSlow.set(now.slow);
      instruments.checksUnrecorded.set(now.unrecorded);
    },
    pass: ({ leases, slotsMissed, missed = [] }) => {
      instruments.leasePassSize.observe(leases.length);
      instruments.slotsMissed.inc({ reason: 'no_worker' }, slotsMissed);
      for (const { share, slots } of missed) instruments.slotsMissedByShare.inc({ share: `${share}` }, slots);
    },
    settled: settled => {
      if (settled.kind === 'checked') countCheck(settled);
      else if (settled.kind === 'skipped') instruments.slotsMissed.inc({ reason: settled.reason });
      else instruments.slotsGivenBack.inc({ reason: settled.reason });
    },
    recorded: ({ recorded, transitions, lostLeaseCount, rejectedCount }) => {
      for (const { to } of transitions) instruments.transitions.inc({ to });
      instruments.recordBatchSize.observe(recorded.length);
      instruments.checksDropped.inc({ reason: 'lost_lease' }, lostLeaseCount);
      instruments.checksDropped.inc({ reason: 'rejected_row' }, rejectedCount);
    },
    retried: operation => instruments.databaseRetries.inc({ operation }),
    listening: isUp => instruments.listening.set(isUp ? 1 : 0),
    clockSetBack: () => instruments.clockSetBacks.inc(),
    heartbeat: result => {
      instruments.heartbeats.inc({ result });
      if (result === 'accepted') instruments.heartbeatAccepted.setToCurrentTime();
    },
    logLineLost: () => instruments.logLinesLost.inc(),
    certificates: ({ earliestExpiryS, expiringCount }) => {
      instruments.certificateExpiry.set(earliestExpiryS ?? 0);
      instruments.certificatesExpiring.set(expiringCount);
    },
  };
}

function checkCounter(instruments: Instruments): (check: Check) => void {
  const phases = PHASES.map(([phase, key]) => [key, instruments.phaseDuration.labels({ phase })] as const);
  return ({ verdict, phases: took, startedAtMs, lease, confirmations }) => {
    const { outcome } = verdict;
    instruments.checks.inc({ outcome, cause: verdict.outcome === 'up' ? 'none' : verdict.cause });
    if (confirmations)
      instruments.confirmations.inc({ result: outcome === 'down' ? 'confirmed' : 'averted' });
    instruments.checkDuration.observe({ outcome }, took.totalUs / 1e6);
    for (const [key, duration] of phases) {
      const tookUs = took[key];
      if (tookUs !== null) duration.observe(tookUs / 1e6);
    }
    // If the database's clock is set back, this would be negative and spoil the sum.
    instruments.scheduleLag.observe(Math.max(0, startedAtMs - lease.scheduledAtMs) / 1e3);
  };
}
