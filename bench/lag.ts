// Schedule lag: thousands of targets, a slow website, a killed worker, and rising rates.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { wholeNumber } from '../lib/targets/text-rules.ts';
import { settingsOrExit } from '../scripts/support/flags.ts';
import { type BenchServer, connect, dsnFlag, onBenchServer } from './support/bench-server.ts';
import { postgresCpuMs } from './support/cpu.ts';
import { rounded } from './support/figures.ts';
import { type ServiceChild, startService } from './support/service-child.ts';
import { insertTargets } from './support/targets.ts';

const settings = settingsOrExit('Schedule lag, missed slots and CPU per check.', {
  ...dsnFlag,
  seconds: { rule: wholeNumber(5, 3_600), fallback: '60', meaning: 'measured duration of each run' },
  targets: {
    rule: wholeNumber(10, 1_000_000),
    fallback: '10000',
    meaning: 'targets of the runs with an interval of 60 s',
  },
  rate: {
    rule: wholeNumber(10, 100_000),
    fallback: '500',
    meaning: 'checks per second at which the search begins',
  },
  only: { rule: wholeNumber(0, 10), fallback: '0', meaning: 'only the run with this number; 0 = all' },
});

interface Load {
  readonly targets: number;
  readonly intervalS: number;
  readonly workers?: number;
  /** Percentage of answers that come after 5 to 30 s */
  readonly slowPercent?: number;
  /** Kills a worker (SIGKILL) half-way */
  readonly kills?: boolean;
}

type Figures = Readonly<Record<string, number>>;

const REPORT = readFileSync(new URL('lag/report.sql', import.meta.url), 'utf8');
const TIMEOUT_S = 10;
const INTERVAL_S = 10;
/** Above this lag a rate is not sustained */
const LAG_P99_MS_MAX = 1_000;

const { targets, rate } = settings;
const RUNS: readonly (readonly [what: string, load: Load])[] = [
  [`${targets} targets every 60 s`, { targets, intervalS: 60 }],
  ['… one answer in ten after 5 to 30 s', { targets, intervalS: 60, slowPercent: 10 }],
  ['… 2 workers, one killed half-way', { targets, intervalS: 60, workers: 2, kills: true }],
  [`${rate} checks a second`, { targets: rate * INTERVAL_S, intervalS: INTERVAL_S }],
];

await onBenchServer(settings.dsn, async server => {
  const table: Record<string, Figures> = {};
  for (const [index, [what, load]] of RUNS.entries()) {
    if (settings.only === 0 || settings.only === index + 1) table[what] = await run(server, load);
  }
  if (settings.only === 0) Object.assign(table, await search(server));
  console.table(table);
});

/** Raises the rate by half each time, until the lag or a gap shows that it is too high. */
async function search(server: BenchServer): Promise<Record<string, Figures>> {
  const table: Record<string, Figures> = {};
  for (let perSecond = Math.round(1.5 * rate); ; perSecond = Math.round(1.5 * perSecond)) {
    const figures = await run(server, { targets: perSecond * INTERVAL_S, intervalS: INTERVAL_S });
    table[`${perSecond} checks a second`] = figures;
    const isSustained = (figures['lag p99, ms'] ?? 0) < LAG_P99_MS_MAX && figures['slots in gaps'] === 0;
    if (!isSustained) return table;
  }
}

async function run(server: BenchServer, load: Load): Promise<Figures> {
  const { intervalS, workers = 1, slowPercent = 0, kills = false } = load;
  const dsn = await server.createDatabase();
  const psql = await connect(dsn);
  const website = fork(new URL('lag/website.ts', import.meta.url), [String(slowPercent)]);
  const [port] = (await once(website, 'message')) as [number];
  const start = () => startService(dsn, [`--max-timeout=${TIMEOUT_S}`]);
  const services = await Promise.all(Array.from({ length: workers }, start));
  await insertTargets(psql, `http://127.0.0.1:${port}/`, load.targets, `${intervalS} s`);
  await delay(5_000 + 1_000 * Math.min(10, intervalS)); // until the first checks are over
  const cpuMs = () => services.reduce((sum, service) => sum + (service.cpuMs() || 0), 0);
  const [from] = (await psql.query('SELECT now()::text AS at')).rows;
  const [workersBefore, postgresBefore] = [cpuMs(), await postgresCpuMs(psql)];
  await delay(settings.seconds * 500);
  if (kills) services.shift()?.child.kill('SIGKILL');
  await delay(settings.seconds * 500);
  const [workersMs, postgresMs] = [cpuMs() - workersBefore, (await postgresCpuMs(psql)) - postgresBefore];
  const [until] = (await psql.query('SELECT now()::text AS at')).rows;
  await delay((kills || slowPercent > 0 ? 2 * TIMEOUT_S + 8 : 2) * 1_000); // until all have ended
  const [report] = (await psql.query(REPORT, [from.at, until.at])).rows;
  await stopAll(services, website);
  await psql.end();
  const figures = Object.fromEntries(
    Object.entries(report).map(([name, value]) => [name, rounded(Number(value), 1)]),
  );
  if (kills) return figures;
  const aCheck = (ms: number) => rounded((ms * 1_000) / (figures.checks ?? Number.NaN), 0);
  return {
    ...figures,
    'workers, µs per check': aCheck(workersMs),
    'PostgreSQL, µs per check': aCheck(postgresMs),
  };
}

async function stopAll(services: readonly ServiceChild[], website: ChildProcess): Promise<void> {
  await Promise.all(services.map(service => service.stop()));
  website.kill();
}
