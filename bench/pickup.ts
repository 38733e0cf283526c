// From an insert to the request at the target: the service next to the least that could do it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { wholeNumber } from '../lib/config/rules.ts';
import { sqlPath } from '../lib/postgres/sql-file.ts';
import { settingsOrExit } from '../scripts/support/flags.ts';
import { type BenchServer, connect, dsnFlag, onBenchServer } from './support/bench-server.ts';
import { median, quantile, rounded } from './support/figures.ts';

const settings = settingsOrExit('From the insert of a target to the request for it.', {
  ...dsnFlag,
  inserts: { rule: wholeNumber(10, 100_000), fallback: '300', meaning: 'measured, for each program' },
  'warm-up': { rule: wholeNumber(0, 10_000), fallback: '50', meaning: 'inserts before them' },
});

/** Between two inserts: longer than the service lingers before it saves, so that no insert meets that. */
const PAUSE_MS = 120;

const here = (path: string): string => new URL(path, import.meta.url).pathname;
const bare = (dsn: string, sqlFile: string, parameters: unknown[] = []): ChildProcess =>
  fork(here('pickup/bare.ts'), [dsn, sqlFile, JSON.stringify(parameters)]);

/** Each on a database of its own. The first is the floor. */
const PROGRAMS: Readonly<Record<string, (dsn: string) => ChildProcess>> = {
  'bare script': dsn => bare(dsn, here('pickup/bare.sql')),
  'bare script with lease.sql': dsn =>
    bare(dsn, sqlPath('queries/lease.sql'), [200, 'bare', 10_000, 5_000, [], 2]),
  'the service': dsn => fork(here('support/service-process.ts'), [dsn]),
};

interface Latency {
  readonly 'since the insert was sent': number;
  readonly 'since its commit was answered': number;
}

interface Contestant {
  readonly name: string;
  readonly child: ChildProcess;
  readonly psql: pg.Client;
  readonly latenciesMs: Latency[];
}

const arrivals = new Map<string, (atMs: number) => void>();
const website = createServer((request, response) => {
  arrivals.get(request.url ?? '')?.(performance.now());
  response.end('x');
}).listen(0, '127.0.0.1');
await once(website, 'listening');
const { port } = website.address() as AddressInfo;

await onBenchServer(settings.dsn, async server => {
  const contestants = await Promise.all(Object.keys(PROGRAMS).map(name => start(name, server)));
  for (let round = -settings['warm-up']; round < settings.inserts; round++) {
    for (const { name, psql, latenciesMs } of contestants) {
      const latency = await insertAndWait(psql, `/${encodeURIComponent(name)}/${round}`);
      if (round >= 0) latenciesMs.push(latency);
      await delay(PAUSE_MS);
    }
  }
  report(contestants);
  await Promise.all(contestants.map(stop));
});
website.close();

async function start(name: string, server: BenchServer): Promise<Contestant> {
  const dsn = await server.createDatabase();
  const child = PROGRAMS[name]?.(dsn) as ChildProcess;
  await once(child, 'message'); // it listens
  return { name, child, psql: await connect(dsn), latenciesMs: [] };
}

async function stop({ child, psql }: Contestant): Promise<void> {
  const exited = once(child, 'exit');
  child.disconnect();
  await Promise.all([exited, psql.end()]);
}

async function insertAndWait(psql: pg.Client, path: string): Promise<Latency> {
  const arrived = new Promise<number>(resolve => arrivals.set(path, resolve));
  const text = `INSERT INTO website_monitor.monitored_targets (url, check_interval) VALUES ($1, '30 d')`;
  const sentAtMs = performance.now();
  await psql.query(text, [`http://127.0.0.1:${port}${path}`]);
  const answeredAtMs = performance.now();
  const arrivedAtMs = await arrived;
  arrivals.delete(path);
  return {
    'since the insert was sent': arrivedAtMs - sentAtMs,
    'since its commit was answered': arrivedAtMs - answeredAtMs,
  };
}

function report(contestants: readonly Contestant[]): void {
  for (const since of ['since its commit was answered', 'since the insert was sent'] as const) {
    const table = contestants.map(({ name, latenciesMs }) => {
      const values = latenciesMs.map(latency => latency[since]);
      return { name, median: median(values), p95: quantile(values, 0.95), p99: quantile(values, 0.99) };
    });
    console.log(`\nms from the insert to the request, ${since}; ${settings.inserts} inserts each, in turn`);
    console.table(
      table.map(row => ({
        program: row.name,
        median: rounded(row.median),
        p95: rounded(row.p95),
        p99: rounded(row.p99),
        'median, of bare': rounded(row.median / (table[0]?.median ?? Number.NaN)),
      })),
    );
  }
}
