// Checks per second with a growing number of workers on one database, against a cheap website.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { wholeNumber } from '../lib/targets/text-rules.ts';
import { settingsOrExit } from '../scripts/support/flags.ts';
import { type BenchServer, connect, dsnFlag, onBenchServer } from './support/bench-server.ts';
import { cpuMsOf, postgresCpuMs } from './support/cpu.ts';
import { rounded } from './support/figures.ts';
import { startService } from './support/service-child.ts';
import { insertTargets, wholeNumbers } from './support/targets.ts';

const settings = settingsOrExit('Checks a second by workers, with more due than they can do.', {
  ...dsnFlag,
  seconds: { rule: wholeNumber(5, 600), fallback: '20', meaning: 'duration of each run' },
  workers: {
    rule: wholeNumbers,
    fallback: '1,2,4,8',
    meaning: 'numbers of worker processes on the database',
  },
});

/** Every second, so that more is due than workers can check; skipped slots become gaps. */
const TARGETS = 6_000;

const TWICE = `SELECT count(*) AS slots FROM (SELECT FROM website_monitor.check_results
  GROUP BY target_id, scheduled_at HAVING count(*) > 1) AS twice`;

const website = fork(new URL('lag/website.ts', import.meta.url), ['0']);
const [port] = (await once(website, 'message')) as [number];

await onBenchServer(settings.dsn, async server => {
  const table: Record<string, Record<string, number>> = {};
  for (const count of settings.workers) table[`${count} workers`] = await run(server, count);
  console.log(`\n${TARGETS} targets every second, on ${os.availableParallelism()} processors for all`);
  console.table(table);
});
website.kill();

async function run(server: BenchServer, count: number): Promise<Record<string, number>> {
  const dsn = await server.createDatabase();
  const psql = await connect(dsn);
  const workers = await Promise.all(Array.from({ length: count }, () => startService(dsn)));
  await insertTargets(psql, `http://127.0.0.1:${port}/`, TARGETS, '1 s');
  await delay(5_000);
  const read = async () => ({
    atMs: performance.now(),
    checks: await checksSoFar(psql),
    workersMs: workers.reduce((sum, worker) => sum + worker.cpuMs(), 0),
    postgresMs: await postgresCpuMs(psql),
    websiteMs: cpuMsOf(website.pid ?? 0),
  });
  const before = await read();
  const waits = sampleWaits(psql);
  await delay(settings.seconds * 1_000);
  const waiting = await waits.stop();
  const after = await read();
  await Promise.all(workers.map(worker => worker.stop()));
  const [twice] = (await psql.query(TWICE)).rows;
  await psql.end();
  const checks = after.checks - before.checks;
  const us = (key: 'workersMs' | 'postgresMs' | 'websiteMs') =>
    rounded(((after[key] - before[key]) * 1_000) / checks, 0);
  return {
    'checks a second': rounded((checks * 1_000) / (after.atMs - before.atMs), 0),
    'workers, µs per check': us('workersMs'),
    'PostgreSQL, µs per check': us('postgresMs'),
    'website, µs per check': us('websiteMs'),
    ...waiting,
    'recorded twice': Number(twice.slots),
  };
}

async function checksSoFar(psql: pg.Client): Promise<number> {
  const { rows } = await psql.query('SELECT count(*) AS checks FROM website_monitor.check_results');
  return Number(rows[0].checks);
}

/** Samples the average number of sessions that wait for row locks and for WAL flushes. */
function sampleWaits(psql: pg.Client) {
  let isOver = false;
  const sampling = (async () => {
    const sums = { samples: 0, lock: 0, wal: 0 };
    while (!isOver) {
      const { rows } = await psql.query(
        `SELECT count(*) FILTER (WHERE wait_event_type = 'Lock') AS lock,
           count(*) FILTER (WHERE wait_event ILIKE 'wal%') AS wal
         FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'`,
      );
      sums.samples += 1;
      sums.lock += Number(rows[0].lock);
      sums.wal += Number(rows[0].wal);
      await delay(100);
    }
    return {
      'sessions waiting for locks': rounded(sums.lock / sums.samples),
      'sessions waiting for WAL': rounded(sums.wal / sums.samples),
    };
  })();
  return {
    stop: () => {
      isOver = true;
      return sampling;
    },
  };
}
