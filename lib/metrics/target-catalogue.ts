import { PHASES } from '../domain/check/answer.ts';
import { redactUrl } from '../domain/redact.ts';
import type { TargetState } from '../domain/target/target-state.ts';
import { type Labels, type MetricEntry, PHASE_SERIES } from './metric-entry.ts';

export interface TargetMetricEntry extends MetricEntry {
  readonly kind: 'gauge';
  /** Null leaves the series out for now. `labels` are one of `series`, or empty */
  readonly read: (state: TargetState, labels: Labels) => number | null;
}

/** The labels that identify a target; the URL without its secrets. */
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
 * The metrics of each target, at `/metrics/targets`. Their values come from the database, so every worker
 * answers the same: `max by (target_id, url)` over several workers shows each target once.
 */
export const TARGET_METRICS: Readonly<Record<string, TargetMetricEntry>> = {
  known: {
    kind: 'gauge',
    name: 'website_monitor_target_known',
    unit: '0 or 1',
    meaning:
      '1 if the check of the last slot is up or down, 0 if it is unknown or missing; its average is the coverage',
    read: ({ last }) => (last === null || last.outcome === 'unknown' ? 0 : 1),
  },
  up: {
    kind: 'gauge',
    name: 'website_monitor_target_up',
    unit: '0 or 1',
    meaning:
      '1 if the check of the last slot is up, 0 if it is down, absent if it is unknown or missing; its average is the uptime in known time',
    read: ({ last }) => (last === null || last.outcome === 'unknown' ? null : Number(last.outcome === 'up')),
  },
  downSince: {
    kind: 'gauge',
    name: 'website_monitor_target_down_since_timestamp_seconds',
    unit: 'seconds since 1970',
    meaning: 'Slot of the first check of the current incident; absent if the target is not down',
    read: ({ downSinceS }) => downSinceS,
  },
  lastCheck: {
    kind: 'gauge',
    name: 'website_monitor_target_last_check_timestamp_seconds',
    unit: 'seconds since 1970',
    meaning: 'When the check of the last slot started; absent if it is missing',
    read: ({ last }) => last?.startedS ?? null,
  },
  duration: {
    kind: 'gauge',
    name: 'website_monitor_target_check_duration_seconds',
    unit: 'seconds',
    meaning: 'Duration of the check of the last slot',
    read: ({ last }) => (last === null ? null : last.phases.totalUs / 1e6),
  },
  phase: {
    kind: 'gauge',
    name: 'website_monitor_target_phase_duration_seconds',
    unit: 'seconds',
    meaning: 'Duration of each phase of that check; absent if the phase did not happen',
    series: PHASE_SERIES,
    read: phaseSeconds,
  },
  httpStatus: {
    kind: 'gauge',
    name: 'website_monitor_target_http_status',
    unit: 'HTTP status',
    meaning: 'Final HTTP status of the check of the last slot; absent if none arrived',
    read: ({ last }) => last?.httpStatus ?? null,
  },
  certificateExpiry: {
    kind: 'gauge',
    name: 'website_monitor_target_certificate_expiry_timestamp_seconds',
    unit: 'seconds since 1970',
    meaning: 'Earliest expiry in the certificate chain that the target presented last; absent without TLS',
    read: ({ certificateExpiresS }) => certificateExpiresS,
  },
};
