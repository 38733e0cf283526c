import type { Transition } from '../checking/ports.ts';
import { PHASES } from '../domain/check/answer.ts';
import { DOWN_CAUSES, UNKNOWN_CAUSES } from '../domain/check/cause.ts';
import type { Outcome, Returned } from '../domain/check/check.ts';

export type Labels = Readonly<Record<string, string>>;

/** A metric as it is registered and documented: the code, `docs/METRICS.md` and the specs read this. */
export interface MetricEntry {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly unit: string;
  readonly meaning: string;
  /**
   * Every series that there can be, by its labels; left out where there is one without any. A URL, a
   * target or an error text would make a new one each, so none of them is a label here.
   */
  readonly series?: readonly Labels[];
  /** Of a histogram: upper bounds in its unit */
  readonly buckets?: readonly number[];
}

/** Which work with the database was tried again. */
export const DATABASE_OPERATIONS = ['lease', 'record', 'listen'] as const;
export type DatabaseOperation = (typeof DATABASE_OPERATIONS)[number];

const seriesOf = <Label extends string, Word extends string>(label: Label, words: readonly Word[]) =>
  words.map(word => ({ [label]: word }) as Readonly<Record<Label, Word>>);

const OUTCOMES = ['up', 'down', 'unknown'] as const satisfies readonly Outcome[];
const GIVE_BACK_REASONS = ['shutdown', 'lease_too_short'] as const satisfies readonly Returned['reason'][];
const TRANSITIONS = ['down', 'up'] as const satisfies readonly Transition['to'][];
export const PHASE_SERIES = seriesOf(
  'phase',
  PHASES.map(([phase]) => phase),
);

const DURATION_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const LAG_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300];
const BATCH_BUCKETS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** What each worker tells at `/metrics`: counters and histograms of several workers may be summed. */
export const WORKER_METRICS = {
  checks: {
    kind: 'counter',
    name: 'website_monitor_checks_total',
    unit: 'checks',
    meaning: 'Checks made, by outcome and cause (none where up)',
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
    meaning: 'From the start of a check to its last byte',
    series: seriesOf('outcome', OUTCOMES),
    buckets: DURATION_BUCKETS_S,
  },
  phaseDuration: {
    kind: 'histogram',
    name: 'website_monitor_phase_duration_seconds',
    unit: 'seconds',
    meaning: 'How long each phase took, of the checks in which it happened; of redirects the sum',
    series: PHASE_SERIES,
    buckets: DURATION_BUCKETS_S,
  },
  scheduleLag: {
    kind: 'histogram',
    name: 'website_monitor_schedule_lag_seconds',
    unit: 'seconds',
    meaning: 'From the slot to the start of its check',
    buckets: LAG_BUCKETS_S,
  },
  checksRunning: {
    kind: 'gauge',
    name: 'website_monitor_checks_running',
    unit: 'checks',
    meaning: 'Checks running now',
  },
  checksRunningMax: {
    kind: 'gauge',
    name: 'website_monitor_checks_running_max',
    unit: 'checks',
    meaning: 'Checks that may run at once: `--worker-number`',
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
    meaning: 'Bound on running and unrecorded checks, at which leasing pauses: `--queue-size`',
  },
  slotsMissed: {
    kind: 'counter',
    name: 'website_monitor_slots_missed_total',
    unit: 'slots',
    meaning: 'Slots that nobody ran in time, recorded as gaps',
  },
  checksDropped: {
    kind: 'counter',
    name: 'website_monitor_checks_dropped_total',
    unit: 'checks',
    meaning:
      'Checks not recorded, since another worker had taken the lease over, or recorded as unknown, since the database refused their content',
    series: seriesOf('reason', ['lost_lease', 'rejected_row']),
  },
  slotsGivenBack: {
    kind: 'counter',
    name: 'website_monitor_slots_given_back_total',
    unit: 'slots',
    meaning: 'Slots leased and not run: the worker was stopping, or too little of the lease was left',
    series: seriesOf('reason', GIVE_BACK_REASONS),
  },
  leasePassSize: {
    kind: 'histogram',
    name: 'website_monitor_lease_pass_size',
    unit: 'slots',
    meaning: 'Slots leased by each look for due work',
    buckets: BATCH_BUCKETS,
  },
  recordBatchSize: {
    kind: 'histogram',
    name: 'website_monitor_record_batch_size',
    unit: 'checks',
    meaning: 'Checks in each batch recorded',
    buckets: BATCH_BUCKETS,
  },
  databaseRetries: {
    kind: 'counter',
    name: 'website_monitor_database_retries_total',
    unit: 'attempts',
    meaning: 'Work with the database that failed and was tried again',
    series: seriesOf('operation', DATABASE_OPERATIONS),
  },
  confirmations: {
    kind: 'counter',
    name: 'website_monitor_rechecks_total',
    unit: 'checks',
    meaning:
      'Checks that were down at first and checked again before their targets were called down: confirmed, or averted',
    series: seriesOf('result', ['confirmed', 'averted']),
  },
  transitions: {
    kind: 'counter',
    name: 'website_monitor_targets_turned_total',
    unit: 'targets',
    meaning: 'Targets that went down or came back up, once confirmed',
    series: seriesOf('to', TRANSITIONS),
  },
  certificateExpiry: {
    kind: 'gauge',
    name: 'website_monitor_certificate_earliest_expiry_timestamp_seconds',
    unit: 'seconds since 1970',
    meaning:
      'When the first certificate of all targets expires; 0 where none is known. Each worker tells the same',
  },
  certificatesExpiring: {
    kind: 'gauge',
    name: 'website_monitor_certificates_expiring',
    unit: 'targets',
    meaning:
      'Targets whose certificate expires within `--certificate-warning` (at most 1000). Each worker tells the same',
  },
  listening: {
    kind: 'gauge',
    name: 'website_monitor_listening',
    unit: '0 or 1',
    meaning: '1 while LISTEN is up, 0 while changes are found by polling',
  },
  logLinesLost: {
    kind: 'counter',
    name: 'website_monitor_log_lines_lost_total',
    unit: 'lines',
    meaning: 'Log lines that could not be written: nobody reads them, or the disk is full',
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;
