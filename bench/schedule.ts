// Thousands of targets for minutes, a tenth of them slow: missing slots, lag and CPU.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { wholeNumber } from '../lib/targets/text-rules.ts';
import { settingsOrExit, wholeRange } from '../scripts/support/flags.ts';
import { startMockServer } from '../scripts/support/mock-server.ts';
import { targetsScript } from '../scripts/support/targets-script.ts';
import { connect, dsnFlag, onBenchServer } from './support/bench-server.ts';
import { postgresCpuMs } from './support/cpu.ts';
import { rounded } from './support/figures.ts';
import { startService } from './support/service-child.ts';

const settings = settingsOrExit('Every slot of many targets, on one worker and on two.', {
  ...dsnFlag,
  minutes: { rule: wholeNumber(1, 600), fallback: '3', meaning: 'duration of each run' },
  count: { rule: wholeNumber(1, 100_000), fallback: '2000', meaning: 'targets' },
  'interval-s': { rule: wholeRange(1, 86_400), fallback: '5-300', meaning: 'seconds between two checks' },
});

const MAX_TIMEOUT_S = 10;

/** Until the checks that run at the end have ended and are recorded */
const TAIL_MS = (MAX_TIMEOUT_S + 2) * 1_000;

/** As in `start_schedules`: the number of each statement's targets that are due at once */
const AT_ONCE_COUNT = 200;

const REPORT = readFileSync(new URL('schedule/report.sql', import.meta.url), 'utf8');

await onBenchServer(settings.dsn, async server => {
  const one = await run(await server.createDatabase(), 1);
  const two = await run(await server.createDatabase(), 2);
  console.log(
    `\n${settings.count} targets, ${settings.minutes} min each, answers as the mock server's defaults`,
  );
  console.table(
    Object.fromEntries(Object.keys(one).map(key => [key, { '1 worker': one[key], '2 workers': two[key] }])),
  );
});

async function run(dsn: string, workers: number): Promise<Record<string, number>> {
  const website = await startMockServer({ port: 0 });
  const psql = await connect(dsn);
  const start = () => startService(dsn, [`--max-timeout=${MAX_TIMEOUT_S}`]);
  const services = await Promise.all(Array.from({ length: workers }, start));
  const cpuMs = () => services.reduce((sum, service) => sum + service.cpuMs(), 0);
  const [workersBefore, postgresBefore] = [cpuMs(), await postgresCpuMs(psql)];

  const { count, 'interval-s': intervalSeconds } = settings;
  await psql.query([...targetsScript({ count, baseUrl: website.url, intervalSeconds, seed: 1 })].join(''));
  await delay(settings.minutes * 60_000);
  const { rows } = await psql.query('SELECT now()::text AS now');
  await delay(TAIL_MS);

  const [workersMs, postgresMs] = [cpuMs() - workersBefore, (await postgresCpuMs(psql)) - postgresBefore];
  const checksBefore = await countChecks(psql);
  await Promise.all(services.map(service => service.stop()));
  const requests = [...website.requestsByPath.values()].reduce((sum, each) => sum + each, 0);
  const report = (await psql.query(REPORT, [rows[0].now, AT_ONCE_COUNT])).rows[0];
  const figures = {
    ...Object.fromEntries(Object.entries(report).map(([key, value]) => [key, rounded(Number(value), 1)])),
    'requests beyond one per check': requests - (await countChecks(psql)),
    'worker CPU, µs per check': rounded((workersMs * 1_000) / checksBefore, 0),
    'PostgreSQL CPU, µs per check': rounded((postgresMs * 1_000) / checksBefore, 0),
  };
  await psql.end();
  await website.close();
  return figures;
}

async function countChecks(psql: pg.Client): Promise<number> {
  const { rows } = await psql.query('SELECT count(*) FROM website_monitor.check_results');
  return Number(rows[0].count);
}
