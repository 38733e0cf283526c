import { PHASES } from '../domain/check/answer.ts';
import { redactUrl } from '../domain/redact.ts';
import type { TargetState } from '../domain/target/target-state.ts';
import { type Labels, type MetricEntry, PHASE_SERIES } from './catalogue.ts';

export interface TargetMetricEntry extends MetricEntry {
  readonly kind: 'gauge';
  /** Null: there is no such series now. `series` lists its labels beside the target's */
  readonly read: (state: TargetState, labels: Labels) => number | null;
}

/** What every series of a target is told apart by; of the url only what is not secret. */
export const TARGET_LABELS: Readonly<Record<string, (state: TargetState) => string>> = {
  target_id: ({ id }) => id,
  url: ({ url }) => redactUrl(url),
};

const keyOfPhase = new Map<string | undefined, (typeof PHASES)[number][1]>(PHASES);

const phaseSeconds: TargetMetricEntry['read'] = ({ last }, { phase }) => {
  const key = keyOfPhase.get(phase);
  const tookUs = key && last?.phases[key];
  return typeof tookUs === 'number' ? tookUs / 1e6 : null;
};

/**
 * What any worker tells of each target at `/metrics/targets`: states, read from the database, the same
 * whoever is asked. So `max by (target_id, url)` over several workers shows each target once.
 */
export const TARGET_METRICS: Readonly<Record<string, TargetMetricEntry>> = {
  known: {
    kind: 'gauge',
    name: 'website_monitor_target_known',
    unit: '0 or 1',
    meaning:
      '1 where the check of the last slot is up or down, 0 where it is unknown or missing; its mean is the coverage',
    read: ({ last }) => (last === null || last.outcome === 'unknown' ? 0 : 1),
  },
  up: {
    kind: 'gauge',
    name: 'website_monitor_target_up',
    unit: '0 or 1',
    meaning:
      '1 where the check of the last slot is up, 0 where it is down; absent while unknown, so its mean is the share of known time that was up',
    read: ({ last }) => (last === null || last.outcome === 'unknown' ? null : Number(last.outcome === 'up')),
  },
  downSince: {
    kind: 'gauge',
    name: 'website_monitor_target_down_since_timestamp_seconds',
    unit: 'seconds since 1970',
    meaning: 'The slot since which the target is down, confirmed; absent while it is not',
    read: ({ downSinceS }) => downSinceS,
  },
  lastCheck: {
    kind: 'gauge',
    name: 'website_monitor_target_last_check_timestamp_seconds',
    unit: 'seconds since 1970',
    meaning: 'When the check of the last slot began; absent where it is missing',
    read: ({ last }) => last?.startedS ?? null,
  },
  duration: {
    kind: 'gauge',
    name: 'website_monitor_target_check_duration_seconds',
    unit: 'seconds',
    meaning: 'How long the check of the last slot took',
    read: ({ last }) => (last === null ? null : last.phases.totalUs / 1e6),
  },
  phase: {
    kind: 'gauge',
    name: 'website_monitor_target_phase_duration_seconds',
    unit: 'seconds',
    meaning: 'How long each phase of that check took; absent for a phase that did not happen',
    series: PHASE_SERIES,
    read: phaseSeconds,
  },
  httpStatus: {
    kind: 'gauge',
    name: 'website_monitor_target_http_status',
    unit: 'HTTP status',
    meaning: 'The final status of the check of the last slot; absent where none came',
    read: ({ last }) => last?.httpStatus ?? null,
  },
  certificateExpiry: {
    kind: 'gauge',
    name: 'website_monitor_target_certificate_expiry_timestamp_seconds',
    unit: 'seconds since 1970',
    meaning:
      'When the first certificate of the chain that the target presented last expires; absent without TLS',
    read: ({ certificateExpiresS }) => certificateExpiresS,
  },
};
