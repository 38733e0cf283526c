// Effect of neighbours on a thousand healthy targets: alone, then with broken names, the hostile website, and
// websites that never answer.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { wholeNumber } from '../lib/targets/text-rules.ts';
import { settingsOrExit } from '../scripts/support/flags.ts';
import { startScriptedNameServer } from '../spec/support/scripted-name-server.ts';
import { connect, dsnFlag, onBenchServer } from './support/bench-server.ts';
import { rounded } from './support/figures.ts';
import { startService } from './support/service-child.ts';

const settings = settingsOrExit('What healthy targets notice of broken, hostile and silent ones.', {
  ...dsnFlag,
  seconds: { rule: wholeNumber(10, 3_600), fallback: '60', meaning: 'duration of each run' },
  healthy: {
    rule: wholeNumber(1, 100_000),
    fallback: '1000',
    meaning: 'healthy targets, each with its own name',
  },
  broken: { rule: wholeNumber(1, 10_000), fallback: '100', meaning: 'names that do not resolve' },
  silent: {
    rule: wholeNumber(1, 10_000),
    fallback: '3000',
    meaning: 'targets that never answer, on 200 hosts',
  },
  only: { rule: wholeNumber(0, 5), fallback: '0', meaning: 'only the run with this number; 0 = all' },
});

const INTERVAL = '10 s';
/** Until the first checks, which start together, are over */
const WARM_UP_MS = 12_000;

const REPORT = readFileSync(new URL('beside/report.sql', import.meta.url), 'utf8');

/** One third of the names gets no answer, one third fails, one third does not exist. */
const names = await startScriptedNameServer(name => {
  if (name.startsWith('healthy-') || name.startsWith('silent-')) return { a: ['127.0.0.1'], ttlSeconds: 1 };
  return (
    (['silence', 'server-failure', 'no-such-name'] as const)[Number(name.split('.')[0]?.slice(7)) % 3] ??
    'refused'
  );
});
const website = await startChild<{ port: number; silentPort: number; hostile: readonly string[] }>(
  'beside/websites.ts',
);

const { port, silentPort, hostile } = website.told;
const healthyUrls = Array.from({ length: settings.healthy }, (_, n) => `http://healthy-${n}.test:${port}/`);
const brokenUrls = Array.from({ length: settings.broken }, (_, n) => `http://broken-${n}.test:${port}/`);
const silentUrls = Array.from(
  { length: settings.silent },
  (_, n) => `http://silent-${n % 200}.test:${silentPort}/${n}`,
);
const RUNS: readonly (readonly [what: string, neighbours: readonly string[], timeout?: string])[] = [
  ['alone', []],
  [`${settings.broken} broken names`, brokenUrls],
  [`${hostile.length} hostile targets`, hostile],
  [`${settings.silent} silent targets, timeout 10 s`, silentUrls, '10 s'],
  ['300 silent targets, timeout 10 min', silentUrls.slice(0, 300), '10 min'],
];

await onBenchServer(settings.dsn, async server => {
  const table: Record<string, Record<string, number>> = {};
  for (const [index, [what, neighbours, timeout]] of RUNS.entries()) {
    if (settings.only !== 0 && settings.only !== index + 1) continue;
    table[what] = await run(await server.createDatabase(), neighbours, timeout);
  }
  console.log(`\n${settings.healthy} healthy targets every ${INTERVAL}, ${settings.seconds} s each, beside:`);
  console.table(table);
});
website.child.kill();
await names.close();

async function run(
  dsn: string,
  neighbours: readonly string[],
  timeout: string | null = null,
): Promise<Record<string, number>> {
  const psql = await connect(dsn);
  await psql.query('SET search_path = website_monitor');
  const service = await startService(dsn, ['--max-timeout=5'], [], [names.server]);
  await insert(psql, healthyUrls);
  await insert(psql, neighbours, timeout);
  await delay(WARM_UP_MS);
  const [from] = (await psql.query('SELECT now()::text AS at')).rows;
  const [cpuBeforeMs, startedAtMs] = [service.cpuMs(), performance.now()];
  let rssMiBMax = 0;
  while (performance.now() - startedAtMs < settings.seconds * 1_000) {
    rssMiBMax = Math.max(rssMiBMax, rssMiBOf(service.child));
    await delay(200);
  }
  const [until] = (await psql.query('SELECT now()::text AS at')).rows;
  const cpuShare = (service.cpuMs() - cpuBeforeMs) / (performance.now() - startedAtMs);
  await delay(6_000); // until the last ones have ended and are recorded
  const [report] = (await psql.query(REPORT, [healthyUrls.length, from.at, until.at])).rows;
  await service.stop();
  await psql.end();
  return {
    ...Object.fromEntries(Object.entries(report).map(([name, value]) => [name, rounded(Number(value), 1)])),
    'worker CPU, % of a core': rounded(100 * cpuShare, 0),
    'worker memory, MiB at most': rounded(rssMiBMax, 0),
  };
}

async function insert(
  psql: pg.Client,
  urls: readonly string[],
  timeout: string | null = null,
): Promise<void> {
  await psql.query(
    `INSERT INTO monitored_targets (url, check_interval, timeout)
     SELECT unnest($1::text[]), $2::interval, $3::interval`,
    [urls, INTERVAL, timeout],
  );
}

/** Needs Linux's /proc. */
function rssMiBOf({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
}

async function startChild<T>(file: string): Promise<{ child: ChildProcess; told: T }> {
  const child = fork(new URL(file, import.meta.url));
  const [told] = (await once(child, 'message')) as [T];
  return { child, told };
}
