import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Unrun } from '../domain/check.ts';

/** Why what a check found is not in its record. */
export const DROP_REASONS = ['lost_lease', 'rejected_row'] as const;

export const GIVE_BACK_REASONS = [
  'shutdown',
  'lease_too_short',
] as const satisfies readonly Unrun['reason'][];

/** What became of checking again what was down at first. */
export const RECHECK_RESULTS = ['confirmed', 'averted'] as const;

/** Which work with the database was tried again. */
export const DATABASE_OPERATIONS = ['lease', 'record', 'listen'] as const;
export type DatabaseOperation = (typeof DATABASE_OPERATIONS)[number];

const DURATION_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const LAG_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300];
const BATCH_BUCKETS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/**
 * Every metric, in a registry of its own. Labels take words from fixed lists only: a URL, a target or
 * an error text would make a new time series each.
 */
export function createCatalogue() {
  const registry = new Registry();
  const registers = [registry];
  // Event-loop lag is sampled by a timer: at the default of 10 ms it costs an idle worker 0.9 % of a core.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 });
  return {
    registry,
    checks: new Counter({
      name: 'website_monitor_checks_total',
      help: 'Checks made, by outcome and cause (none where up)',
      labelNames: ['outcome', 'cause'],
      registers,
    }),
    checkDuration: new Histogram({
      name: 'website_monitor_check_duration_seconds',
      help: 'From the start of a check to its last byte',
      labelNames: ['outcome'],
      buckets: DURATION_BUCKETS_S,
      registers,
    }),
    scheduleLag: new Histogram({
      name: 'website_monitor_schedule_lag_seconds',
      help: 'From the slot to the start of its check',
      buckets: LAG_BUCKETS_S,
      registers,
    }),
    checksRunning: new Gauge({
      name: 'website_monitor_checks_running',
      help: 'Checks running now',
      registers,
    }),
    checksUnsaved: new Gauge({
      name: 'website_monitor_checks_unsaved',
      help: 'Checks made and not yet saved',
      registers,
    }),
    slotsMissed: new Counter({
      name: 'website_monitor_slots_missed_total',
      help: 'Slots that nobody ran in time, recorded as gaps',
      registers,
    }),
    checksDropped: new Counter({
      name: 'website_monitor_checks_dropped_total',
      help: 'Checks not recorded, since another worker had taken the lease over, or recorded as unknown, since the database refused their content',
      labelNames: ['reason'],
      registers,
    }),
    slotsGivenBack: new Counter({
      name: 'website_monitor_slots_given_back_total',
      help: 'Slots leased and not run: the worker was stopping, or too little of the lease was left',
      labelNames: ['reason'],
      registers,
    }),
    leasePassSize: new Histogram({
      name: 'website_monitor_lease_pass_size',
      help: 'Slots leased by each look for due work',
      buckets: BATCH_BUCKETS,
      registers,
    }),
    recordBatchSize: new Histogram({
      name: 'website_monitor_record_batch_size',
      help: 'Checks recorded by each batch saved',
      buckets: BATCH_BUCKETS,
      registers,
    }),
    databaseRetries: new Counter({
      name: 'website_monitor_database_retries_total',
      help: 'Work with the database that failed and was tried again',
      labelNames: ['operation'],
      registers,
    }),
    rechecks: new Counter({
      name: 'website_monitor_rechecks_total',
      help: 'Checks that were down at first and checked again before their targets were called down: confirmed, or averted',
      labelNames: ['result'],
      registers,
    }),
    turns: new Counter({
      name: 'website_monitor_targets_turned_total',
      help: 'Targets that turned down, or up again',
      labelNames: ['to'],
      registers,
    }),
    certificateExpiry: new Gauge({
      name: 'website_monitor_certificate_earliest_expiry_timestamp_seconds',
      help: 'When the first certificate of all targets expires, in seconds since 1970; 0 where none is known',
      registers,
    }),
    certificatesExpiring: new Gauge({
      name: 'website_monitor_certificates_expiring',
      help: 'Targets, of all workers, whose certificate expires within --certificate-warning (at most 1000)',
      registers,
    }),
    listening: new Gauge({
      name: 'website_monitor_listening',
      help: '1 while LISTEN is up, 0 while changes are found by polling',
      registers,
    }),
  };
}

export type Catalogue = ReturnType<typeof createCatalogue>;
