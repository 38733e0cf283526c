// Time from an insert to the request at the website, compared with a minimal script.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { sqlPath } from '../lib/sql/sql-file.ts';
import { wholeNumber } from '../lib/targets/text-rules.ts';
import { settingsOrExit } from '../scripts/support/flags.ts';
import { type BenchServer, connect, dsnFlag, onBenchServer } from './support/bench-server.ts';
import { median, quantile, rounded } from './support/figures.ts';
import { insertTargets } from './support/targets.ts';

const settings = settingsOrExit('From the insert of a target to the request for it.', {
  ...dsnFlag,
  inserts: { rule: wholeNumber(10, 100_000), fallback: '1000', meaning: 'measured inserts per program' },
  load: { rule: wholeNumber(1, 5_000), fallback: '100', meaning: 'checks per second in the runs under load' },
  'warm-up': { rule: wholeNumber(0, 10_000), fallback: '50', meaning: 'inserts before the measured ones' },
});

/** Between two inserts for one program: longer than the service lingers before it records, so that none overlaps. */
const PAUSE_MS = 120;

const here = (path: string): string => new URL(path, import.meta.url).pathname;
const bare = (dsn: string, sqlFile: string, parameters: unknown[] = []): ChildProcess =>
  fork(here('pickup/bare.ts'), [dsn, sqlFile, JSON.stringify(parameters)]);

/** The child processes of one contestant, on their own database. */
type Program = (dsn: string) => readonly ChildProcess[];

const service =
  (workers: number): Program =>
  dsn =>
    Array.from({ length: workers }, () => fork(here('support/service-process.ts'), [dsn]));

/** The first is the minimum to compare with. */
const IDLE: Readonly<Record<string, Program>> = {
  'bare script': dsn => [bare(dsn, here('pickup/bare.sql'))],
  'bare script with lease.sql': dsn => [
    bare(dsn, sqlPath('queries/lease.sql'), [200, 'bare', 10_000, 5_000, [], 2, 0]),
  ],
  'the service': service(1),
  'the service, 4 workers': service(4),
};

/** With `--load` other checks per second; the bare script has none, but shares the machine. */
const UNDER_LOAD: Readonly<Record<string, Program>> = {
  'bare script': dsn => [bare(dsn, here('pickup/bare.sql'))],
  'the service under load': service(1),
};
const UNDER_LOAD_BY_FOUR = { ...UNDER_LOAD, 'the service under load': service(4) };
const LOAD_INTERVAL_S = 10;

interface Latency {
  readonly 'since the insert was sent': number;
  readonly 'since its commit was answered': number;
}

interface Contestant {
  readonly name: string;
  readonly children: readonly ChildProcess[];
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
  await compare('idle', server, IDLE);
  await compare(`${settings.load} checks a second beside it, 1 worker`, server, UNDER_LOAD);
  await compare(`${settings.load} checks a second beside it, 4 workers`, server, UNDER_LOAD_BY_FOUR);
});
website.close();

async function compare(
  what: string,
  server: BenchServer,
  programs: Readonly<Record<string, Program>>,
): Promise<void> {
  const contestants = await Promise.all(
    Object.entries(programs).map(([name, program]) => start(name, program, server)),
  );
  if (programs !== IDLE) await delay(1_000 * LOAD_INTERVAL_S + 2_000); // until the first checks are over
  for (let round = -settings['warm-up']; round < settings.inserts; round++) {
    for (const { name, psql, latenciesMs } of contestants) {
      const latency = await insertAndWait(psql, `/${encodeURIComponent(name)}/${round}`);
      if (round >= 0) latenciesMs.push(latency);
      await delay(PAUSE_MS / contestants.length);
    }
  }
  report(what, contestants);
  await Promise.all(contestants.map(stop));
}

async function start(name: string, program: Program, server: BenchServer): Promise<Contestant> {
  const dsn = await server.createDatabase();
  const children = program(dsn);
  await Promise.all(children.map(child => once(child, 'message'))); // they listen
  const psql = await connect(dsn);
  if (name.includes('load')) {
    const count = settings.load * LOAD_INTERVAL_S;
    await insertTargets(psql, `http://127.0.0.1:${port}/load/`, count, `${LOAD_INTERVAL_S} s`);
  }
  return { name, children, psql, latenciesMs: [] };
}

async function stop({ children, psql }: Contestant): Promise<void> {
  const exited = children.map(child => once(child, 'exit'));
  for (const child of children) child.disconnect();
  await Promise.all([...exited, psql.end()]);
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

function report(what: string, contestants: readonly Contestant[]): void {
  for (const since of ['since its commit was answered', 'since the insert was sent'] as const) {
    const table = contestants.map(({ name, latenciesMs }) => {
      const values = latenciesMs.map(latency => latency[since]);
      const [p95, p99, max] = [0.95, 0.99, 1].map(q => quantile(values, q));
      return { name, median: median(values), p95, p99, max };
    });
    console.log(
      `\n${what}: ms from the insert to the request, ${since}; ${settings.inserts} inserts each, in turn`,
    );
    console.table(
      table.map(row => ({
        program: row.name,
        median: rounded(row.median),
        p95: rounded(row.p95 ?? Number.NaN),
        p99: rounded(row.p99 ?? Number.NaN),
        max: rounded(row.max ?? Number.NaN),
        'median ÷ bare': rounded(row.median / (table[0]?.median ?? Number.NaN)),
      })),
    );
  }
}
