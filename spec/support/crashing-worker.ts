/** A worker's process like `lib/main.ts`, but that it kills itself at the point that CRASH_AT names. */

import { openDatabase } from '../../lib/app/open-database.ts';
import { runUntilStopped } from '../../lib/app/process/run-until-stopped.ts';
import { stopSignal } from '../../lib/app/process/stop-signal.ts';
import { startService } from '../../lib/app/service.ts';
import { parseConfig } from '../../lib/config/parse-config.ts';
import { createLog } from '../../lib/log/create-log.ts';
import type { Database, Query } from '../../lib/postgres/database.ts';
import { statement } from '../../lib/sql/sql-file.ts';
import type { CrashPoint } from './crash-point.ts';

const crashAt = process.env.CRASH_AT as CrashPoint;
const die = () => process.kill(process.pid, 'SIGKILL');

const LEASE = statement('lease');
const RECORD = statement('record');
const ADVANCE_ALERTS = statement('advance-alerts');
const LEASE_DELIVERIES = statement('lease-deliveries');
const RECORD_DELIVERIES = statement('record-deliveries');
const [RELEASED, GIVEN_BACK, FIRST_OF_CHECKS] = [3, 4, 9]; // among the parameters of record.sql
const countOf = (values: unknown[], parameter: number): number => (values[parameter] as unknown[]).length;

const isReachedBefore = (text: string, values: unknown[]): boolean =>
  (crashAt === 'checks unrecorded' && text === RECORD && countOf(values, FIRST_OF_CHECKS) > 0) ||
  (crashAt === 'message taken' && text === RECORD_DELIVERIES);

/** The database has committed and answered; what it said, the worker never hears. */
const isReachedAfter = (text: string, values: unknown[], rows: readonly Record<string, unknown>[]): boolean =>
  (crashAt === 'lease committed' && text === LEASE && hasLeases(rows[0])) ||
  (crashAt === 'record committed' && text === RECORD && countOf(values, RELEASED) > 0) ||
  (crashAt === 'given back' && text === RECORD && countOf(values, GIVEN_BACK) > 0) ||
  (crashAt === 'channel leased' && text === LEASE_DELIVERIES && hasBatches(rows[0])) ||
  (crashAt === 'delivery recorded' && text === RECORD_DELIVERIES);

const hasBatches = (result: unknown): boolean => {
  const { batches } = (result ?? {}) as { readonly batches?: readonly unknown[] };
  return batches !== undefined && batches.length > 0;
};

const hasLeases = (result: unknown): boolean => {
  const { leases } = (result ?? {}) as { readonly leases?: readonly unknown[] };
  return leases !== undefined && leases.length > 0;
};

/** Passes everything on, as far as the crash. */
const crashing = ({ query, transaction, close }: Database): Database => ({
  query: (async (text: string, values: unknown[] = []) => {
    if (isReachedBefore(text, values)) die();
    const rows = await query<Record<string, unknown>>(text, values);
    if (isReachedAfter(text, values, rows)) die();
    return rows;
  }) as Query,
  transaction: async work => {
    let leased = false;
    let told = false;
    const watched =
      (within: Query): Query =>
      async (text, values, ...more) => {
        told ||= text === ADVANCE_ALERTS && values?.[1] !== '[]'; // with deliveries
        return within(text, values, ...more);
      };
    const result = await transaction(async within => {
      const outcome = await work(watched(within));
      leased = hasLeases(outcome);
      return outcome;
    });
    if (crashAt === 'taken over' && leased) die();
    if (crashAt === 'alert advanced' && told) die();
    return result;
  },
  close,
});

const parsed = parseConfig(process.argv.slice(2), process.env, { isTerminal: false, randomUuid: 'crashing' });
if (parsed.kind !== 'run' || parsed.config.dsn === null) throw new Error(JSON.stringify(parsed));
const { config } = parsed;
const log = createLog(config);
const stopAsked = stopSignal(() => {});
const { dsn } = parsed.config;
const database = crashing(openDatabase(config, dsn));
const service = await startService(config, { database, dsn, log });
await service.started;
log.info('website-monitor is running');
const isRecorded = await runUntilStopped(service, stopAsked, config.shutdownGraceMs, log);
await service.close();
await database.close();
process.exit(isRecorded ? 0 : 1);
