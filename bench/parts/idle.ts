// Statements that an idle worker sends, as counted by the database.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { wholeNumber } from '../../lib/targets/text-rules.ts';
import { settingsOrExit } from '../../scripts/support/flags.ts';
import { connect, dsnFlag, onBenchServer } from '../support/bench-server.ts';
import { postgresCpuMs } from '../support/cpu.ts';
import { rounded } from '../support/figures.ts';
import { startService } from '../support/service-child.ts';

const settings = settingsOrExit(
  'Statements a minute of one worker with one target at 1 h. Needs pg_stat_statements.',
  {
    ...dsnFlag,
    minutes: { rule: wholeNumber(1, 600), fallback: '3', meaning: 'measured duration' },
  },
);

/** Until the target's first check is recorded */
const SETTLE_MS = 5_000;

const CALLS = `
  SELECT split_part(query, E'\\n', 1) AS statement, sum(calls)::integer AS calls
  FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
  WHERE datname = current_database() AND query NOT LIKE '%pg_stat_statements%' AND query NOT LIKE '%pg_backend_pid%'
  GROUP BY 1 ORDER BY 2 DESC`;

const website = createServer((_request, response) => response.end('x')).listen(0, '127.0.0.1');
await once(website, 'listening');
const { port } = website.address() as AddressInfo;

await onBenchServer(settings.dsn, async server => {
  const dsn = await server.createDatabase();
  const psql = await connect(dsn);
  await psql.query('CREATE EXTENSION pg_stat_statements');
  const service = await startService(dsn);
  const target = `INSERT INTO website_monitor.monitored_targets (url, check_interval) VALUES ($1, '1 h')`;
  await psql.query(target, [`http://127.0.0.1:${port}/`]);
  await delay(SETTLE_MS);

  await psql.query('SELECT pg_stat_statements_reset()');
  const [before, postgresBefore] = [service.cpuMs(), await postgresCpuMs(psql)];
  await delay(settings.minutes * 60_000);
  const { rows } = await psql.query<{ statement: string; calls: number }>(CALLS);
  const perMinute = (count: number): number => rounded(count / settings.minutes);

  console.log(`\none target at 1 h, ${settings.minutes} min`);
  console.table(
    rows.map(({ statement, calls }) => ({ statement: statement.slice(0, 80), 'a minute': perMinute(calls) })),
  );
  console.table({
    'statements a minute': perMinute(rows.reduce((sum, { calls }) => sum + calls, 0)),
    'worker CPU, ms a minute': perMinute(service.cpuMs() - before),
    'PostgreSQL CPU, ms a minute': perMinute((await postgresCpuMs(psql)) - postgresBefore),
  });
  await service.stop();
  await psql.end();
});
website.close();
