// What waiting for larger batches costs in lag and saves in CPU: runs the service with other constants.
import { setTimeout as delay } from 'node:timers/promises';
import { wholeNumber } from '../../lib/targets/text-rules.ts';
import { settingsOrExit } from '../../scripts/support/flags.ts';
import { startMockServer } from '../../scripts/support/mock-server.ts';
import { connect, dsnFlag, onBenchServer } from '../support/bench-server.ts';
import { postgresCpuMs } from '../support/cpu.ts';
import { rounded } from '../support/figures.ts';
import { startService } from '../support/service-child.ts';
import { insertTargets } from '../support/targets.ts';

const settings = settingsOrExit('Checks at a steady rate, by how long the service waits for neighbours.', {
  ...dsnFlag,
  seconds: { rule: wholeNumber(1, 600), fallback: '12', meaning: 'duration of each run' },
  rate: { rule: wholeNumber(1, 2_000), fallback: '300', meaning: 'checks per second' },
  'worker-number': {
    rule: wholeNumber(1, 10_000),
    fallback: '64',
    meaning: 'places, for the reopen fractions',
  },
});

const WARM_UP_MS = 3_000;
const EVERY_S = 5;

/** Constants as written in the sources, and their replacements. */
type Change = readonly [file: string, from: string, to: string];

const waiting = (ms: number): Change[] => [
  ['lib/domain/pace.ts', 'const PACE_MS = 50;', `const PACE_MS = ${ms};`],
  ['lib/domain/pace.ts', 'const LINGER_MS = 100;', `const LINGER_MS = ${ms};`],
];
const reopenAt = (expression: string): Change[] => [
  ['lib/domain/occupancy.ts', 'Math.ceil(leasesMax(VACANT, limits) / 8)', expression],
];
const share = (part: number): Change[] => reopenAt(`Math.ceil(leasesMax(VACANT, limits) / ${part})`);

/** Fast answers with free places; then answers so slow that most places are taken. */
const WAITS: Readonly<Record<string, Change[]>> = Object.fromEntries(
  [0, 20, 50, 100, 200].map(ms => [`pace and linger ${ms} ms`, waiting(ms)]),
);
const FRACTIONS: Readonly<Record<string, Change[]>> = {
  'reopen at 1 place': reopenAt('1'),
  'reopen at 1/8': share(8),
  'reopen at 1/4': share(4),
  'reopen at 1/2': share(2),
};

await onBenchServer(settings.dsn, async server => {
  const table: Record<string, Record<string, number>> = {};
  for (const [name, changes] of Object.entries(WAITS)) {
    table[name] = await run(await server.createDatabase(), changes, 20, 256);
  }
  // Slow enough to keep 70 % of the places taken; with more, other delays dominate
  const answerMs = Math.round((settings['worker-number'] / settings.rate) * 700);
  for (const [name, changes] of Object.entries(FRACTIONS)) {
    table[name] = await run(await server.createDatabase(), changes, answerMs, settings['worker-number']);
  }
  console.log(
    `\n${settings.rate} checks a second; answers after 20 ms, or ${answerMs} ms where places are scarce`,
  );
  console.table(table);
});

async function run(dsn: string, changes: Change[], answerMs: number, workerNumber: number) {
  const answers = { min: answerMs, max: answerMs };
  const website = await startMockServer({ port: 0, fastPercent: 100, fastMs: answers });
  const psql = await connect(dsn);
  const hook = new URL('../support/with-constants.mjs', import.meta.url).pathname;
  process.env.BENCH_CONSTANTS = JSON.stringify(changes); // the child inherits it
  const service = await startService(dsn, [`--worker-number=${workerNumber}`], ['--import', hook]);
  await insertTargets(psql, `${website.url}/`, EVERY_S * settings.rate, `${EVERY_S} s`);
  await delay(EVERY_S * 1_000 + WARM_UP_MS);

  const [workerBefore, postgresBefore] = [service.cpuMs(), await postgresCpuMs(psql)];
  const since = (await psql.query('SELECT now()::text AS now')).rows[0].now;
  await delay(settings.seconds * 1_000);
  const [workerMs, postgresMs] = [
    service.cpuMs() - workerBefore,
    (await postgresCpuMs(psql)) - postgresBefore,
  ];
  const { rows } = await psql.query(
    `SELECT count(*)::integer AS checks,
       percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM started_at - scheduled_at) * 1000) AS lags_ms
     FROM website_monitor.check_results WHERE started_at > $1::timestamptz`,
    [since],
  );
  await service.stop();
  await psql.end();
  await website.close();
  const { checks, lags_ms } = rows[0];
  return {
    'checks per second': rounded(checks / settings.seconds, 0),
    'worker CPU, µs per check': rounded((workerMs * 1_000) / checks, 0),
    'PostgreSQL CPU, µs per check': rounded((postgresMs * 1_000) / checks, 0),
    'lag p50, ms': rounded(lags_ms[0], 1),
    'lag p99, ms': rounded(lags_ms[1], 1),
  };
}
