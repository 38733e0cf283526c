// What grows with the number of targets and what must not: statements, startup, bulk changes, memory.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { connectDatabase } from '../lib/postgres/database.ts';
import { settingsOrExit } from '../scripts/support/flags.ts';
import { fillTables, makeDue, statementsAtWork } from '../spec/support/statements-at-work.ts';
import { checked, handDrivenWorker } from '../spec/support/worker.ts';
import { connect, dsnFlag, onBenchServer } from './support/bench-server.ts';
import { startCountedWebsites } from './support/counted-websites.ts';
import { median, rounded } from './support/figures.ts';
import { startService } from './support/service-child.ts';
import { insertTargets, wholeNumbers } from './support/targets.ts';
import { walPosition } from './support/wal.ts';

const settings = settingsOrExit('What grows with the number of targets.', {
  ...dsnFlag,
  counts: {
    rule: wholeNumbers,
    fallback: '1000,100000,1000000',
    meaning: 'numbers of targets in the table, each at least 1000',
  },
});

const SLOTS = 200;
const PASSES = 20;
const BULK = 100_000;
/** Targets checked every ten seconds while memory is measured */
const CHECKED = 1_000;
const CHECKING_MS = 30_000;

type Figures = Readonly<Record<string, number>>;

const websites = await startCountedWebsites();
const urlStart = `${websites.http}/`;

await onBenchServer(settings.dsn, async server => {
  const columns: Record<string, Figures> = {};
  for (const count of settings.counts) {
    const dsn = await server.createDatabase();
    const psql = await connect(dsn);
    await psql.query('SET search_path = website_monitor');
    await fillTables(psql, count);
    columns[`${count} targets`] = {
      ...(await pages(dsn, psql)),
      ...(await passes(dsn, psql)),
      ...(await memory(dsn, psql)),
    };
    await psql.end();
  }
  show(columns);
  console.table({ ...(await startUp(await server.createDatabase())) });
  console.table({ ...(await bulk(await server.createDatabase())) });
});
websites.stop();

/** One row per figure; the last column is its growth from the first count to the last. */
function show(columns: Readonly<Record<string, Figures>>): void {
  const names = Object.keys(Object.values(columns)[0] ?? {});
  const rows = names.map(name => {
    const values = Object.entries(columns).map(([of, figures]) => [of, figures[name] ?? Number.NaN] as const);
    const growth = (values.at(-1)?.[1] ?? Number.NaN) / (values[0]?.[1] ?? Number.NaN);
    return [name, { ...Object.fromEntries(values), growth: rounded(growth) }];
  });
  console.table(Object.fromEntries(rows));
}

/** With generic plans from the statistics of ten rows: the worst case. */
async function pages(dsn: string, psql: pg.Client): Promise<Figures> {
  const measured = await statementsAtWork(dsn, psql, 'force_generic_plan');
  return Object.fromEntries(
    measured.map(({ name, buffersEach }) => [`${name}, pages`, rounded(buffersEach, 1)]),
  );
}

/** Per statement of so many slots, after ANALYZE, as in a maintained database. */
async function passes(dsn: string, psql: pg.Client): Promise<Figures> {
  await psql.query('VACUUM ANALYZE');
  const database = connectDatabase({ dsn, poolSize: 1, applicationName: 'bench' });
  const worker = handDrivenWorker(database);
  const spent: Record<string, number[]> = {};
  const note = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    const [walBefore, startedMs] = [await walPosition(psql), performance.now()];
    await work();
    const us = (performance.now() - startedMs) * 1_000;
    const wal = (await walPosition(psql)) - walBefore;
    spent[`${what}, µs`] = [...(spent[`${what}, µs`] ?? []), us];
    spent[`${what}, WAL bytes`] = [...(spent[`${what}, WAL bytes`] ?? []), wal];
  };
  for (let pass = 0; pass < PASSES; pass++) {
    await makeDue(psql, SLOTS);
    const { leases } = await leaseNoted(note, 'lease', worker);
    await note('record', () => worker.record(leases.map(lease => checked(lease))));
    await makeDue(psql, SLOTS);
    await worker.lease(SLOTS);
    await psql.query('UPDATE lease_batches SET expires_at = now()');
    const heir = handDrivenWorker(database);
    const taken = await leaseNoted(note, 'take over', heir);
    await heir.record(taken.leases.map(lease => checked(lease)));
    await recordRest(worker); // some of a million targets fall due meanwhile
    await note('nothing due', () => recordRest(worker));
  }
  await database.close();
  return Object.fromEntries(
    Object.entries(spent)
      .filter(([name]) => name !== 'nothing due, WAL bytes')
      .map(([name, values]) => [name, rounded(median(values) / (name.startsWith('nothing') ? 1 : SLOTS), 1)]),
  );
}

async function recordRest(worker: ReturnType<typeof handDrivenWorker>): Promise<void> {
  const { leases } = await worker.lease(SLOTS);
  await worker.record(leases.map(lease => checked(lease)));
}

async function leaseNoted(
  note: (what: string, work: () => Promise<unknown>) => Promise<void>,
  what: string,
  worker: ReturnType<typeof handDrivenWorker>,
) {
  let pass: Awaited<ReturnType<typeof worker.lease>> | undefined;
  await note(what, async () => {
    pass = await worker.lease(SLOTS);
  });
  if (pass?.leases.length !== SLOTS) throw new Error(`${what}: ${pass?.leases.length} slots`);
  return pass;
}

/** The same work at each size, so that only memory per idle target could differ. */
async function memory(dsn: string, psql: pg.Client): Promise<Figures> {
  await psql.query(`UPDATE monitored_targets SET url = $1 || id, check_interval = '10 s' WHERE id <= $2`, [
    urlStart,
    CHECKED,
  ]);
  const worker = await startService(dsn);
  await delay(CHECKING_MS);
  const status = readFileSync(`/proc/${worker.child.pid}/status`, 'utf8');
  await worker.stop();
  return { 'worker memory, MiB': rounded(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024, 0) };
}

/** Time from the start of the process until each of 1,000 due targets has been requested. */
async function startUp(dsn: string): Promise<Figures> {
  const psql = await connect(dsn);
  await insertTargets(psql, urlStart, CHECKED, '1 h');
  await psql.query('UPDATE website_monitor.target_leases SET next_fire_at = now()'); // a bulk insert makes only some due at once
  const before = await websites.requestsSoFar();
  const startedMs = performance.now();
  const worker = await startService(dsn);
  const listensMs = performance.now() - startedMs;
  while ((await websites.requestsSoFar()) - before < CHECKED) await delay(5);
  const allMs = performance.now() - startedMs;
  await worker.stop();
  await psql.end();
  return {
    'process up and listening, ms': rounded(listensMs, 0),
    [`all of ${CHECKED} targets asked, ms`]: rounded(allMs, 0),
  };
}

/** Statements in a transaction each, while no worker runs. */
async function bulk(dsn: string): Promise<Figures> {
  const psql = await connect(dsn);
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const startedMs = performance.now();
    await work();
    return rounded(performance.now() - startedMs, 0);
  };
  const figures = {
    [`insert ${BULK}, ms`]: await timed(() => insertTargets(psql, urlStart, BULK, '1 h')),
    [`edit the pattern of ${BULK}, ms`]: await timed(() =>
      psql.query(`UPDATE website_monitor.monitored_targets SET regex_pattern = 'x'`),
    ),
    [`edit the interval of ${BULK}, ms`]: await timed(() =>
      psql.query(`UPDATE website_monitor.monitored_targets SET check_interval = '2 h'`),
    ),
    [`disable ${BULK}, ms`]: await timed(() =>
      psql.query('UPDATE website_monitor.monitored_targets SET enabled = false'),
    ),
    [`delete ${BULK}, ms`]: await timed(() => psql.query('DELETE FROM website_monitor.monitored_targets')),
  };
  await psql.end();
  return figures;
}
