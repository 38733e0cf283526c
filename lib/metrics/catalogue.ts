import type { Transition } from '../checking/ports.ts';
import { DOWN_CAUSES, UNKNOWN_CAUSES } from '../domain/check/cause.ts';
import type { Outcome, Returned } from '../domain/check/check.ts';
import { SKIP_REASONS } from '../domain/check/skip-reason.ts';
import { ALERTING_METRICS } from './alerting-catalogue.ts';
import { type MetricEntry, PHASE_SERIES, seriesOf } from './metric-entry.ts';

/** Work with the database that is retried when it fails. */
export const DATABASE_OPERATIONS = ['lease', 'record', 'listen', 'alert'] as const;
export type DatabaseOperation = (typeof DATABASE_OPERATIONS)[number];

const OUTCOMES = ['up', 'down', 'unknown'] as const satisfies readonly Outcome[];
const GIVE_BACK_REASONS = ['shutdown', 'lease_too_short'] as const satisfies readonly Returned['reason'][];
const SHARES = Array.from({ length: 16 }, (_, share) => `${share}`);
const BEATS = ['accepted', 'failed', 'withheld'] as const;
export type BeatResult = (typeof BEATS)[number];
const TRANSITIONS = ['down', 'up'] as const satisfies readonly Transition['to'][];

const DURATION_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const LAG_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300];
const BATCH_BUCKETS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** The metrics of a worker, at `/metrics`. Counters and histograms may be summed over workers. */
export const WORKER_METRICS = {
  checks: {
    kind: 'counter',
    name: 'website_monitor_checks_total',
    unit: 'checks',
    meaning: 'Checks made, by outcome and cause (none if up)',
    series: [
      { outcome: 'up', cause: 'none' },
      ...DOWN_CAUSES.map(cause => ({ outcome: 'down', cause })),
      ...UNKNOWN_CAUSES.map(cause => ({ outcome: 'unknown', cause })),
    ],
  },
  checkDuration: {
    kind: 'histogram',
    name: 'website_monitor_check_duration_seconds',
    unit: 'seconds',
    meaning: 'Duration of a check, from its start to the last byte',
    series: seriesOf('outcome', OUTCOMES),
    buckets: DURATION_BUCKETS_S,
  },
  phaseDuration: {
    kind: 'histogram',
    name: 'website_monitor_phase_duration_seconds',
    unit: 'seconds',
    meaning: 'Duration of each phase, summed over redirects; counts only checks in which the phase happened',
    series: PHASE_SERIES,
    buckets: DURATION_BUCKETS_S,
  },
  scheduleLag: {
    kind: 'histogram',
    name: 'website_monitor_schedule_lag_seconds',
    unit: 'seconds',
    meaning: 'Delay from a slot to the start of its check',
    buckets: LAG_BUCKETS_S,
  },
  checksRunning: {
    kind: 'gauge',
    name: 'website_monitor_checks_running',
    unit: 'checks',
    meaning: 'Checks running now, not counting slow ones',
  },
  checksRunningMax: {
    kind: 'gauge',
    name: 'website_monitor_checks_running_max',
    unit: 'checks',
    meaning: 'Limit on checks running at once: `--worker-number`',
  },
  checksSlow: {
    kind: 'gauge',
    name: 'website_monitor_checks_slow',
    unit: 'checks',
    meaning: 'Slow checks running now: those that take over two seconds',
  },
  checksSlowMax: {
    kind: 'gauge',
    name: 'website_monitor_checks_slow_max',
    unit: 'checks',
    meaning: 'Limit on slow checks running at once: `--slow-lane-size`',
  },
  checksUnrecorded: {
    kind: 'gauge',
    name: 'website_monitor_checks_unsaved',
    unit: 'checks',
    meaning: 'Finished checks that are not recorded yet',
  },
  checksUnrecordedMax: {
    kind: 'gauge',
    name: 'website_monitor_checks_unsaved_max',
    unit: 'checks',
    meaning: 'Limit on running and unrecorded checks: `--queue-size`. Leasing pauses when it is reached',
  },
  slotsMissed: {
    kind: 'counter',
    name: 'website_monitor_slots_missed_total',
    unit: 'slots',
    meaning: 'Slots that were not run, recorded as gaps, by reason',
    series: seriesOf('reason', ['no_worker', ...SKIP_REASONS]),
  },
  slotsMissedByShare: {
    kind: 'counter',
    name: 'website_monitor_share_slots_missed_total',
    unit: 'slots',
    meaning:
      'Slots that no worker ran in time, by the share of the schedule; the table `creators` says whose it is',
    series: seriesOf('share', SHARES),
  },
  checksDropped: {
    kind: 'counter',
    name: 'website_monitor_checks_dropped_total',
    unit: 'checks',
    meaning:
      'Checks dropped because another worker took over the lease, or recorded as unknown because the database rejected their content',
    series: seriesOf('reason', ['lost_lease', 'rejected_row']),
  },
  slotsGivenBack: {
    kind: 'counter',
    name: 'website_monitor_slots_given_back_total',
    unit: 'slots',
    meaning:
      'Leased slots returned without a check: the worker was stopping, or too little of the lease was left',
    series: seriesOf('reason', GIVE_BACK_REASONS),
  },
  leasePassSize: {
    kind: 'histogram',
    name: 'website_monitor_lease_pass_size',
    unit: 'slots',
    meaning: 'Slots leased per lease pass',
    buckets: BATCH_BUCKETS,
  },
  recordBatchSize: {
    kind: 'histogram',
    name: 'website_monitor_record_batch_size',
    unit: 'checks',
    meaning: 'Checks per recorded batch',
    buckets: BATCH_BUCKETS,
  },
  databaseRetries: {
    kind: 'counter',
    name: 'website_monitor_database_retries_total',
    unit: 'attempts',
    meaning: 'Retries of failed database operations',
    series: seriesOf('operation', DATABASE_OPERATIONS),
  },
  confirmations: {
    kind: 'counter',
    name: 'website_monitor_rechecks_total',
    unit: 'checks',
    meaning:
      'Checks whose first attempt was down: confirmed by further attempts, or averted by one that was not down',
    series: seriesOf('result', ['confirmed', 'averted']),
  },
  transitions: {
    kind: 'counter',
    name: 'website_monitor_targets_turned_total',
    unit: 'targets',
    meaning: 'Transitions: targets that went down, or came back up',
    series: seriesOf('to', TRANSITIONS),
  },
  certificateExpiry: {
    kind: 'gauge',
    name: 'website_monitor_certificate_earliest_expiry_timestamp_seconds',
    unit: 'seconds since 1970',
    meaning: 'Earliest certificate expiry of all targets; 0 if none is known. The same on every worker',
  },
  certificatesExpiring: {
    kind: 'gauge',
    name: 'website_monitor_certificates_expiring',
    unit: 'targets',
    meaning:
      'Targets whose certificate expires within `--certificate-warning`, at most 1000. The same on every worker',
  },
  listening: {
    kind: 'gauge',
    name: 'website_monitor_listening',
    unit: '0 or 1',
    meaning: '1 while LISTEN is up, 0 while the worker polls',
  },
  clockSetBacks: {
    kind: 'counter',
    name: 'website_monitor_database_clock_set_backs_total',
    unit: 'times',
    meaning: "Times that the database's clock was set back and this worker made targets due again",
  },
  heartbeats: {
    kind: 'counter',
    name: 'website_monitor_heartbeats_total',
    unit: 'heartbeats',
    meaning:
      'Heartbeats to `--heartbeat-url`: accepted, failed after retries, or withheld because the worker was unhealthy',
    series: seriesOf('result', BEATS),
  },
  heartbeatAccepted: {
    kind: 'gauge',
    name: 'website_monitor_heartbeat_last_accepted_timestamp_seconds',
    unit: 'seconds since 1970',
    meaning: 'When the last heartbeat was accepted; 0 if none was',
  },
  logLinesLost: {
    kind: 'counter',
    name: 'website_monitor_log_lines_lost_total',
    unit: 'lines',
    meaning: 'Log lines dropped because the reader was slow or gone, or the disk was full',
  },
  ...ALERTING_METRICS,
} as const satisfies Readonly<Record<string, MetricEntry>>;
