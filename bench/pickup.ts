// From an insert to the request at the target: the service next to the least that could do it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { wholeNumber } from '../lib/config/rules.ts';
import { settingsOrExit } from '../scripts/support/flags.ts';
import { connect, dsnFlag, openBenchServer } from './support/bench-server.ts';
import { machineLine, median, quantile, rounded } from './support/figures.ts';
import { migratedDatabase } from './support/migrated.ts';

const settings = settingsOrExit('From the insert of a target to the request for it.', {
  ...dsnFlag,
  inserts: { rule: wholeNumber(10, 100_000), fallback: '300', meaning: 'measured, for each program' },
  'warm-up': { rule: wholeNumber(0, 10_000), fallback: '50', meaning: 'not measured, before them' },
});

/** Between two inserts: longer than the service lingers before it saves, so that no check is disturbed. */
const PAUSE_MS = 120;

const file = (path: string): string => new URL(path, import.meta.url).pathname;
const LEASE_PARAMETERS = JSON.stringify([200, 'bare', 10_000, 5_000, []]);

/** Each on a database of its own. */
const PROGRAMS: Readonly<Record<string, (dsn: string) => ChildProcess>> = {
  'bare script': dsn => fork(file('pickup/bare.ts'), [dsn, file('pickup/bare.sql')]),
  'bare script, lease.sql': dsn =>
    fork(file('pickup/bare.ts'), [dsn, file('../sql/queries/lease.sql'), LEASE_PARAMETERS]),
  'the service': dsn => fork(file('pickup/service.ts'), [dsn]),
};

interface Latency {
  /** From the insert's having been sent, and from the answer that it is committed */
  readonly sinceSentMs: number;
  readonly sinceCommittedMs: number;
}

const server = await openBenchServer(settings.dsn);
const arrivals = new Map<string, (atMs: number) => void>();
const website = createServer((request, response) => {
  arrivals.get(request.url ?? '')?.(performance.now());
  response.end('x');
}).listen(0, '127.0.0.1');
await once(website, 'listening');
const { port } = website.address() as AddressInfo;

const contestants = await Promise.all(
  Object.entries(PROGRAMS).map(async ([name, start]) => {
    const dsn = await migratedDatabase(server);
    const child = start(dsn);
    await once(child, 'message'); // it listens
    return { name, child, psql: await connect(dsn), latencies: [] as Latency[] };
  }),
);
const { rows } = await contestants[0]!.psql.query('SHOW server_version');
console.log(machineLine(rows[0].server_version));

for (let round = -settings['warm-up']; round < settings.inserts; round++) {
  for (const { name, psql, latencies } of contestants) {
    const latency = await insertAndWait(psql, `/${encodeURIComponent(name)}/${round}`);
    if (round >= 0) latencies.push(latency);
    await delay(PAUSE_MS);
  }
}

async function insertAndWait(psql: Awaited<ReturnType<typeof connect>>, path: string): Promise<Latency> {
  const arrived = new Promise<number>(resolve => arrivals.set(path, resolve));
  const text = `INSERT INTO website_monitor.monitored_targets (url, check_interval) VALUES ($1, '30 d')`;
  const sentAtMs = performance.now();
  await psql.query(text, [`http://127.0.0.1:${port}${path}`]);
  const committedAtMs = performance.now();
  const arrivedAtMs = await arrived;
  arrivals.delete(path);
  return { sinceSentMs: arrivedAtMs - sentAtMs, sinceCommittedMs: arrivedAtMs - committedAtMs };
}

const figuresOf = (latencies: readonly Latency[], key: keyof Latency) => {
  const values = latencies.map(latency => latency[key]);
  return { median: median(values), p95: quantile(values, 0.95), p99: quantile(values, 0.99) };
};

for (const key of ['sinceCommittedMs', 'sinceSentMs'] as const) {
  const floor = figuresOf(contestants[0]!.latencies, key);
  console.log(`\n${key}: ${settings.inserts} inserts each, in turn`);
  console.table(
    contestants.map(({ name, latencies }) => {
      const figures = figuresOf(latencies, key);
      const cells = Object.entries(figures).map(([label, ms]) => [`${label} ms`, rounded(ms)]);
      return {
        program: name,
        ...Object.fromEntries(cells),
        'median, of bare': rounded(figures.median / floor.median),
      };
    }),
  );
}

for (const { child, psql } of contestants) {
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
  await psql.end();
}
website.close();
await server.close();
