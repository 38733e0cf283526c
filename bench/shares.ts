// What a creator of few targets notices of another who has far more than the worker can check: alone, then beside.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { wholeNumber } from '../lib/targets/text-rules.ts';
import { settingsOrExit } from '../scripts/support/flags.ts';
import { connect, dsnFlag, onBenchServer } from './support/bench-server.ts';
import { startCountedWebsites } from './support/counted-websites.ts';
import { rounded } from './support/figures.ts';
import { startService } from './support/service-child.ts';
import { insertTargets } from './support/targets.ts';

const settings = settingsOrExit('What a creator of few targets notices of a greedy one.', {
  ...dsnFlag,
  rounds: { rule: wholeNumber(1, 360), fallback: '3', meaning: 'checks due of each small target: 10 s each' },
  small: { rule: wholeNumber(1, 100_000), fallback: '500', meaning: 'targets of the small creator, at 10 s' },
  greedy: {
    rule: wholeNumber(1, 1_000_000),
    fallback: '100000',
    meaning: 'targets of the greedy one, at 1 s',
  },
});

const INTERVAL_MS = 10_000;
/** Until the first checks, which start together, are over */
const WARM_UP_MS = 12_000;
/** Until the last ones have ended and are recorded */
const COOL_DOWN_MS = 6_000;

const REPORT = readFileSync(new URL('shares/report.sql', import.meta.url), 'utf8');

const websites = await startCountedWebsites();
await onBenchServer(settings.dsn, async server => {
  const table: Record<string, Record<string, number>> = {};
  table.alone = await run(await server.createDatabase(), 0);
  table[`${settings.greedy} targets at 1 s`] = await run(await server.createDatabase(), settings.greedy);
  console.log(`\n${settings.small} targets every 10 s, ${settings.rounds} rounds, one worker, beside:`);
  console.table(table);
});
websites.stop();

async function run(dsn: string, greedyCount: number): Promise<Record<string, number>> {
  const psql = await connect(dsn);
  await insertTargets(psql, `${websites.http}/small/`, settings.small, '10 s');
  if (greedyCount > 0) await insertAsAnother(dsn, greedyCount);
  const service = await startService(dsn, ['--max-timeout=5']);
  await delay(WARM_UP_MS);
  const [{ since }] = (await psql.query('SELECT now()::text AS since')).rows;
  await delay(settings.rounds * INTERVAL_MS + COOL_DOWN_MS);
  const [report] = (await psql.query(REPORT, [settings.small, since, settings.rounds])).rows;
  await service.stop();
  await psql.end();
  return Object.fromEntries(Object.entries(report).map(([name, value]) => [name, rounded(Number(value), 1)]));
}

/** Targets of a role that may only insert. Its rights are everybody's, so it can be dropped at once. */
async function insertAsAnother(dsn: string, count: number): Promise<void> {
  const role = `bench_${randomUUID().replaceAll('-', '')}`;
  const psql = await connect(dsn);
  await psql.query('GRANT USAGE ON SCHEMA website_monitor TO PUBLIC');
  await psql.query('GRANT INSERT ON website_monitor.monitored_targets TO PUBLIC');
  await psql.query(`CREATE ROLE ${role}`);
  try {
    await psql.query(`SET SESSION AUTHORIZATION ${role}`);
    await insertTargets(psql, `${websites.http}/greedy/`, count, '1 s');
  } finally {
    await psql.query('RESET SESSION AUTHORIZATION');
    await psql.query(`DROP ROLE ${role}`);
    await psql.end();
  }
}
