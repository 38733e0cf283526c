// Size and speed of history: bytes per check and rollup, a year of them by rate, the CPU of rolling up, and queries
// of uptime and latency over up to a year, for all targets and for one.
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { wholeNumber } from '../lib/targets/text-rules.ts';
import { settingsOrExit } from '../scripts/support/flags.ts';
import { connect, dsnFlag, onBenchServer } from './support/bench-server.ts';
import { cpuMsOf } from './support/cpu.ts';
import { median, rounded } from './support/figures.ts';

const settings = settingsOrExit('Bytes of history, and milliseconds of what is asked of it.', {
  ...dsnFlag,
  count: { rule: wholeNumber(100, 100_000), fallback: '10000', meaning: 'targets, each checked every 60 s' },
  times: {
    rule: wholeNumber(1, 100),
    fallback: '5',
    meaning: 'repetitions of each query; the median counts',
  },
});

const MINUTES = 120; // as in fill-checks.sql
const CHECKS_A_DAY = 1_440 * settings.count;

const sql = (name: string): string => readFileSync(new URL(`storage/${name}.sql`, import.meta.url), 'utf8');

await onBenchServer(settings.dsn, async server => {
  const psql = await connect(await server.createDatabase());
  await psql.query('SET search_path = website_monitor');
  await psql.query(
    "UPDATE rollup_progress SET closed_until = date_trunc(size, now() - interval '3 h', 'UTC') WHERE made_of IS NOT NULL",
  );
  await psql.query(sql('fill-checks'), [settings.count]);
  await psql.query('VACUUM ANALYZE check_results');
  const rollUpUs = await rollUp(psql);
  await psql.query(sql('fill-year'));
  await psql.query('VACUUM ANALYZE');
  const bytes = await bytesEach(psql);

  console.log(`\n${settings.count} targets at 60 s: bytes with all indexes, and what is kept of a year`);
  console.table(bytesOfAYear(bytes));
  console.log(`rolling up: ${rounded(rollUpUs, 1)} µs of PostgreSQL's CPU per check`);
  console.log('\nmilliseconds until the last row');
  console.table(await answers(psql));
  await psql.end();
});

/** PostgreSQL's CPU, in µs per check. */
async function rollUp(psql: pg.Client): Promise<number> {
  const { rows } = await psql.query('SELECT pg_backend_pid() AS pid');
  const before = cpuMsOf(rows[0].pid);
  let isBehind = true;
  while (isBehind) isBehind = (await psql.query('SELECT roll_up() AS is_behind')).rows[0].is_behind;
  return ((cpuMsOf(rows[0].pid) - before) * 1_000) / (MINUTES * settings.count);
}

type Table = 'check_results' | `rollups_${'minute' | 'hour' | 'day' | 'month'}`;

interface RowBytes {
  readonly all: number;
  readonly indexes: number;
}

/** Only of partitions that are not empty. */
async function bytesEach(psql: pg.Client): Promise<Record<Table, RowBytes>> {
  const { rows } = await psql.query(
    `SELECT inhparent::regclass::text AS name, sum(pg_total_relation_size(inhrelid)) / sum(reltuples) AS all,
       sum(pg_indexes_size(inhrelid)) / sum(reltuples) AS indexes
     FROM pg_inherits JOIN pg_class ON oid = inhrelid
     WHERE pg_relation_size(inhrelid) > 0 AND reltuples > 0 AND relkind = 'r' GROUP BY 1`,
  );
  return Object.fromEntries(
    rows.map(row => [row.name, { all: Number(row.all), indexes: Number(row.indexes) }]),
  ) as Record<Table, RowBytes>;
}

function bytesOfAYear(bytes: Record<Table, RowBytes>): Record<string, Record<string, number>> {
  const kept: readonly (readonly [name: Table, days: number, rowsADay: number])[] = [
    ['check_results', 90, CHECKS_A_DAY],
    ['rollups_minute', 14, CHECKS_A_DAY],
    ['rollups_hour', 365, 24 * settings.count],
    ['rollups_day', 365, settings.count],
    ['rollups_month', 365, (12 * settings.count) / 365],
  ];
  const lines = kept.map(([name, days, rowsADay]) => {
    const { all, indexes } = bytes[name];
    const gigabytes = (forDays: number) => rounded((forDays * rowsADay * all) / 1e9);
    return [
      name,
      {
        'bytes per row': rounded(all, 1),
        "indexes' share, bytes": rounded(indexes, 1),
        'days kept': days,
        'GB kept': gigabytes(days),
        'GB for a year': gigabytes(365),
      },
    ];
  });
  return Object.fromEntries(lines);
}

async function answers(psql: pg.Client): Promise<Record<string, Record<string, number>>> {
  const table: Record<string, Record<string, number>> = {};
  for (const what of ['uptime', 'latency'])
    for (const [period, hours] of [
      ['24h', 24],
      ['7d', 168],
      ['30d', 720],
      ['365d', 8_760],
    ] as const) {
      const ofAll = await medianMs(psql, `SELECT * FROM ${what}_${period}`);
      const target = 1 + Math.floor(settings.count / 2);
      const ofOne = await medianMs(
        psql,
        `SELECT * FROM ${what}(now() - interval '${hours} h', now(), ARRAY[${target}])`,
      );
      table[`${what}, ${period}`] = { [`${settings.count} targets`]: ofAll, 'one target': ofOne };
    }
  return table;
}

/** After one uncounted run, which reads from disk. */
async function medianMs(psql: pg.Client, text: string): Promise<number> {
  const durations: number[] = [];
  for (let call = 0; call <= settings.times; call++) {
    const beganMs = performance.now();
    await psql.query(text);
    if (call > 0) durations.push(performance.now() - beganMs);
  }
  return rounded(median(durations), 1);
}
