import { redactDsn } from '../../domain/redact.ts';
import { hearOwnNotification, readScheduleFacts, readServerFacts } from '../../postgres/diagnose.ts';
import { requireCurrentSchema, SchemaError } from '../../postgres/migrate.ts';
import { explainTrouble } from '../explain-trouble.ts';
import { agoText, countText } from '../text-tables.ts';
import type { Examination, Finding } from './finding.ts';

const VERSION_MIN = 140_000;

export async function checkServer({ database, dsn }: Examination): Promise<Finding> {
  const name = 'database';
  await readServerFacts(database); // connects
  const startedAtMs = performance.now();
  const { version, version_number: number, is_read_only: isReadOnly } = await readServerFacts(database);
  const says = `PostgreSQL ${version} at ${redactDsn(dsn)}, answering in ${(performance.now() - startedAtMs).toFixed(1)} ms`;
  if (number < VERSION_MIN) return { name, level: 'fail', says, remedy: 'use PostgreSQL 14 or newer' };
  if (isReadOnly)
    return { name, level: 'fail', says: `${says}, read-only`, remedy: 'set --dsn to the primary' };
  return { name, level: 'ok', says };
}

export async function checkConnections({ database, config }: Examination): Promise<Finding> {
  const name = 'connections';
  const { connections_free: free } = await readServerFacts(database);
  const needed = config.dbPoolSize + 1; // one more for LISTEN
  const says = `${free} free; a worker needs up to ${needed}`;
  if (free >= needed) return { name, level: 'ok', says };
  return { name, level: 'warn', says, remedy: 'raise max_connections or lower --db-pool-size' };
}

export async function checkSchema({ database, config }: Examination): Promise<Finding> {
  const name = 'schema';
  try {
    await requireCurrentSchema(database);
    return { name, level: 'ok', says: 'up to date' };
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    const { mismatch, message, what: says } = error;
    if (mismatch !== 'older') return { name, level: 'fail', says: message };
    return config.migrate
      ? {
          name,
          level: 'warn',
          says,
          remedy: 'restart the service, which migrates it, or run website-monitor migrate now',
        }
      : { name, level: 'fail', says, remedy: 'run website-monitor migrate' };
  }
}

export async function checkListen({ database, dsn, config }: Examination): Promise<Finding> {
  const name = 'listen';
  const remedy = 'set --listen-dsn to a direct connection; until then, workers poll every second';
  try {
    const echo = await hearOwnNotification(database, config.listenDsn ?? dsn);
    return echo.kind === 'heard'
      ? { name, level: 'ok', says: `a notification came back in ${echo.afterMs.toFixed(1)} ms` }
      : {
          name,
          level: 'warn',
          says: 'a notification did not arrive; the connection may go through a transaction pooler',
          remedy,
        };
  } catch (error) {
    return { name, level: 'warn', says: explainTrouble(error), remedy };
  }
}

const CLOCK_OFF_MS_MAX = 2_000;

export async function checkClock({ database }: Examination): Promise<Finding> {
  const name = 'clock';
  const beforeMs = Date.now();
  const { clock_ms: databaseMs } = await readServerFacts(database);
  const offMs = Math.round(databaseMs - (beforeMs + Date.now()) / 2);
  const says = `the database's clock is ${Math.abs(offMs)} ms ${offMs < 0 ? 'behind' : 'ahead of'} this machine's`;
  if (Math.abs(offMs) <= CLOCK_OFF_MS_MAX) return { name, level: 'ok', says };
  const remedy =
    "synchronize both by NTP: the database's clock decides what is due, this one dates logs and judges certificates";
  return { name, level: 'warn', says, remedy };
}

export async function checkSchedule({ database }: Examination): Promise<Finding> {
  const name = 'schedule';
  const facts = await readScheduleFacts(database);
  const { has_targets: hasTargets, overdue, missed_most: missedMost, slow_most: slowMost } = facts;
  const { clock_behind_s: behindS } = facts;
  if (!hasTargets)
    return {
      name,
      level: 'warn',
      says: 'no target is enabled',
      remedy: 'run website-monitor targets add URL',
    };
  if (behindS !== null) {
    const says = `the database's clock was set back by ${agoText(behindS)} or more; targets wait until it has caught up`;
    const remedy = 'start the service, or restart it: it makes them due again at once';
    return { name, level: 'warn', says, remedy };
  }
  if (missedMost !== null) {
    const whose = `most of targets made by ${missedMost.createdBy ?? 'an unknown role'} (${countText(missedMost.slots)})`;
    const says = `slots were missed in the last ten minutes, ${whose}`;
    const remedy =
      'if workers ran all that time, more was due than they can run: add workers, or lengthen intervals';
    return { name, level: 'warn', says, remedy };
  }
  if (slowMost !== null) {
    const { createdBy, host, slots } = slowMost;
    const whose = `most of targets made by ${createdBy ?? 'an unknown role'} on ${host || 'hosts of several kinds'}`;
    const says = `slow checks found no place in the last ten minutes, ${whose} (${countText(slots)})`;
    const remedy = 'lengthen intervals or shorten timeouts of slow targets, or raise --slow-lane-size';
    return { name, level: 'warn', says, remedy };
  }
  if (overdue === 0) return { name, level: 'ok', says: 'no target is more than a minute late' };
  const count = overdue === 1_000 ? '1,000 or more' : countText(overdue);
  const remedy = 'start the service or more workers: npm start, or website-monitor';
  const says = `${count} ${overdue === 1 ? 'target is' : 'targets are'} more than a minute late`;
  return { name, level: 'warn', says, remedy };
}
