// Cost of leasing and recording alone, without fetches: CPU, WAL and stored bytes per check.
import type pg from 'pg';
import { connectDatabase, type Database } from '../../lib/postgres/database.ts';
import { wholeNumber } from '../../lib/targets/text-rules.ts';
import { settingsOrExit } from '../../scripts/support/flags.ts';
import { checked, handDrivenWorker } from '../../spec/support/worker.ts';
import { connect, dsnFlag, onBenchServer } from '../support/bench-server.ts';
import { cpuMsOf } from '../support/cpu.ts';
import { rounded } from '../support/figures.ts';
import { insertTargets } from '../support/targets.ts';
import { walPosition } from '../support/wal.ts';

const settings = settingsOrExit('Lease and record alone, through the service’s own adapters.', {
  ...dsnFlag,
  count: {
    rule: wholeNumber(1_000, 1_000_000),
    fallback: '20000',
    meaning: 'targets, each checked once per round',
  },
  rounds: { rule: wholeNumber(1, 100), fallback: '2', meaning: 'measured rounds, after a warm-up round' },
});

const BATCH_SIZES = [20, 100, 500];

const ALL_PHASES = {
  dnsUs: 1_234,
  connectUs: 9_800,
  tlsUs: 20_400,
  ttfbUs: 12_000,
  transferUs: 100,
  totalUs: 43_534,
};

await onBenchServer(settings.dsn, async server => {
  const dsn = await server.createDatabase();
  const psql = await connect(dsn);
  const database = connectDatabase({ dsn, poolSize: 1, applicationName: 'bench' });
  await insertTargets(psql, 'https://www.example.org/some/path/', settings.count, '30 d');
  await makeAllDue(psql);
  await leaseAndRecord(database, 500); // not measured: pages written for the first time since a checkpoint cost more WAL

  const table: Record<string, Record<string, number>> = {};
  for (const batchSize of BATCH_SIZES)
    table[`batches of ${batchSize}`] = await measure(database, psql, batchSize);
  console.log(`\n${settings.count} targets, ${settings.rounds} rounds; figures are per check`);
  console.table(table);
  console.log(`stored: ${await storedBytes(psql)} bytes per check, with its key and all phases`);
  await database.close();
  await psql.end();
});

async function measure(
  database: Database,
  psql: pg.Client,
  batchSize: number,
): Promise<Record<string, number>> {
  const [backend] = await database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const spent = { postgresMs: 0, nodeMs: 0, walBytes: 0, wallMs: 0 };
  for (let round = 0; round < settings.rounds; round++) {
    await makeAllDue(psql);
    const before = {
      postgresMs: cpuMsOf(backend?.pid ?? 0),
      node: process.cpuUsage(),
      wal: await walPosition(psql),
      atMs: performance.now(),
    };
    await leaseAndRecord(database, batchSize);
    const { user, system } = process.cpuUsage(before.node);
    spent.postgresMs += cpuMsOf(backend?.pid ?? 0) - before.postgresMs;
    spent.nodeMs += (user + system) / 1_000;
    spent.wallMs += performance.now() - before.atMs;
    spent.walBytes += (await walPosition(psql)) - before.wal;
  }
  const checks = settings.count * settings.rounds;
  return {
    'PostgreSQL CPU, µs': rounded((spent.postgresMs * 1_000) / checks, 0),
    'Node CPU, µs': rounded((spent.nodeMs * 1_000) / checks, 0),
    'WAL, bytes': rounded(spent.walBytes / checks, 0),
    'checks a second': rounded((checks * 1_000) / spent.wallMs, 0),
  };
}

async function leaseAndRecord(database: Database, batchSize: number): Promise<void> {
  const worker = handDrivenWorker(database);
  for (;;) {
    const { leases } = await worker.lease(batchSize);
    if (leases.length === 0) return;
    await worker.record(leases.map(lease => ({ ...checked(lease), phases: ALL_PHASES })));
  }
}

/** In the order of interleaved schedules, not that of the table. */
async function makeAllDue(psql: pg.Client): Promise<void> {
  await psql.query(
    `UPDATE website_monitor.target_leases SET next_fire_at = now() - random() * interval '1 s'`,
  );
  await psql.query('VACUUM ANALYZE');
}

async function storedBytes(psql: pg.Client): Promise<number> {
  const { rows } = await psql.query(`
    SELECT sum(pg_total_relation_size(inhrelid)) / (SELECT count(*) FROM website_monitor.check_results) AS bytes
    FROM pg_inherits WHERE inhparent = 'website_monitor.check_results'::regclass
      AND pg_relation_size(inhrelid) > 0`);
  return rounded(Number(rows[0].bytes), 1);
}
