// How long an alert takes from the recording of its check to its receiver; and what ten thousand at once cost.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { wholeNumber } from '../lib/targets/text-rules.ts';
import { settingsOrExit } from '../scripts/support/flags.ts';
import { connect, dsnFlag, onBenchServer } from './support/bench-server.ts';
import { median, quantile, rounded } from './support/figures.ts';
import { startService } from './support/service-child.ts';
import { insertTargets } from './support/targets.ts';

/** A message that reached the receiver. */
export interface Arrival {
  readonly path: string;
  readonly atMs: number;
  /** The alert of a webhook or a pager, or the text of a chat */
  readonly about: string;
}

const settings = settingsOrExit('How soon alerts arrive, and what a mass outage costs.', {
  ...dsnFlag,
  alerts: { rule: wholeNumber(1, 1_000), fallback: '60', meaning: 'single alerts of each run' },
  rate: { rule: wholeNumber(1, 2_000), fallback: '500', meaning: 'checks a second beside them' },
  targets: { rule: wholeNumber(10, 100_000), fallback: '25000', meaning: 'targets of the mass outage' },
  down: { rule: wholeNumber(1, 100_000), fallback: '10000', meaning: 'targets that go down at once' },
  only: { rule: wholeNumber(0, 4), fallback: '0', meaning: 'only the run with this number; 0 = all' },
});

const sql = (name: string): string => readFileSync(new URL(`alerts/${name}.sql`, import.meta.url), 'utf8');
const FLAGS = ['--allow-private-channels=127.0.0.0/8', '--default-recovery-period=5', '--max-timeout=5'];
/** Until the checks that start together are over */
const WARM_UP_MS = 12_000;
const MASS_INTERVAL_S = 60;

const website = await startChild('alerts/website.ts');
const receiver = await startChild('alerts/receiver.ts');
const arrivals = async (): Promise<readonly Arrival[]> => {
  receiver.child.send('?');
  const [found] = (await once(receiver.child, 'message')) as [Arrival[]];
  return found;
};

await onBenchServer(settings.dsn, async server => {
  const wanted = (number: number): boolean => settings.only === 0 || settings.only === number;
  const rows: Record<string, Record<string, number>> = {};
  if (wanted(1)) rows['50 checks/s, no linger'] = await single(await server.createDatabase(), 50, 0);
  if (wanted(2)) rows['50 checks/s'] = await single(await server.createDatabase(), 50, 1_000);
  if (wanted(3))
    rows[`${settings.rate} checks/s`] = await single(await server.createDatabase(), settings.rate, 1_000);
  if (Object.keys(rows).length > 0) {
    console.log(
      `\nFrom the recording of the check to the request at the receiver, ${settings.alerts} alerts each, beside:`,
    );
    console.table(rows);
  }
  if (wanted(4)) await massOutage(await server.createDatabase());
});
website.child.kill();
receiver.child.kill();

/** Single targets go down one after another. */
async function single(dsn: string, rate: number, lingerMs: number): Promise<Record<string, number>> {
  const psql = await connect(dsn);
  await addChannel(psql, 'hook', `http://127.0.0.1:${receiver.port}/hook/0`);
  website.child.send([0, 0]);
  const service = await startService(dsn, FLAGS, [], null, { BENCH_ALERT_LINGER_MS: String(lingerMs) });
  await insertTargets(psql, `http://127.0.0.1:${website.port}/`, settings.alerts, '1 s');
  // Enough of them that the worker is believed: one that lost half of its targets is not.
  await insertTargets(psql, `http://127.0.0.1:${website.port}/100000`, rate * 10, '10 s');
  await delay(WARM_UP_MS);
  const before = (await arrivals()).length;
  for (let down = 1; down <= settings.alerts; down += 1) {
    website.child.send([1, down + 1]);
    await delay(500 + Math.random() * 500); // at any moment of the interval
  }
  await delay(5_000);
  const { rows } = await psql.query<{ id: string; noticed_ms: number }>(
    `SELECT id::text, extract(epoch FROM noticed_at)::float8 * 1000 AS noticed_ms FROM website_monitor.alerts`,
  );
  const noticedMs = new Map(rows.map(({ id, noticed_ms }) => [id, noticed_ms]));
  const tookMs = (await arrivals())
    .slice(before)
    .map(({ atMs, about }) => atMs - (noticedMs.get(about) ?? Number.NaN));
  await service.stop();
  await psql.end();
  return {
    alerts: tookMs.length,
    'p50, ms': rounded(median(tookMs), 1),
    'p99, ms': rounded(quantile(tookMs, 0.99), 1),
    'max, ms': rounded(Math.max(...tookMs), 1),
  };
}

/** Many targets go down at once, and come up again. */
async function massOutage(dsn: string): Promise<void> {
  const psql = await connect(dsn);
  website.child.send([0, 0]);
  await addChannel(psql, 'chat', `slack+http://127.0.0.1:${receiver.port}/chat/0`);
  await addChannel(psql, 'pager', `pagerduty+http://KEY@127.0.0.1:${receiver.port}/pager/20`);
  const service = await startService(dsn, FLAGS);
  await insertTargets(psql, `http://127.0.0.1:${website.port}/`, settings.targets, `${MASS_INTERVAL_S} s`);
  await delay(WARM_UP_MS + 2_000 * MASS_INTERVAL_S); // workers know their targets
  const calm = await now(psql);
  await delay(30_000);
  website.child.send([1, settings.down + 1]);
  const outage = await now(psql);
  const before = await lag(psql, calm, outage);
  await delay(2_000 * MASS_INTERVAL_S);
  const during = await lag(psql, outage, await now(psql));
  const { rows: chat } = await psql.query(sql('messages'), ['chat', outage]);
  const pagerMs = await untilDelivered(psql, 'pager', performance.now());
  const events = new Set(
    (await arrivals()).filter(({ path }) => path.includes('/pager')).map(({ about }) => about),
  );
  console.log(
    `\n${settings.down} of ${settings.targets} targets, checked every ${MASS_INTERVAL_S} s, go down at once:`,
  );
  console.table({ 'the half minute before': before, 'the two minutes after': during });
  console.log('messages to the chat:');
  console.table(chat);
  console.log(
    `alerts that the pager got: ${events.size}, the last ${Math.round(pagerMs / 1_000)} s after these two minutes`,
  );
  website.child.send([0, 0]);
  await service.stop();
  await psql.end();
}

/** Waits until every alert of the outage has been accepted by that channel; how long that took. */
async function untilDelivered(psql: pg.Client, channel: string, startedMs: number): Promise<number> {
  for (;;) {
    const { rows } = await psql.query(
      `SELECT count(*) FILTER (WHERE state = 'sent' AND news = 'opened')::integer AS sent,
         count(*) FILTER (WHERE state = 'dead')::integer AS dead
       FROM website_monitor.deliveries JOIN website_monitor.channels AS channel ON channel.id = channel_id WHERE name = $1`,
      [channel],
    );
    if (rows[0].sent + rows[0].dead >= settings.down) return performance.now() - startedMs;
    if (performance.now() - startedMs > 600_000)
      throw new Error(`${rows[0].sent} delivered after ten minutes`);
    await delay(500);
  }
}

async function lag(psql: pg.Client, from: string, until: string): Promise<Record<string, number>> {
  const { rows } = await psql.query(sql('lag'), [from, until]);
  return {
    checks: rows[0].checks,
    'lag p50, ms': rounded(Number(rows[0].p50), 1),
    'lag p99, ms': rounded(Number(rows[0].p99), 1),
  };
}

async function now(psql: pg.Client): Promise<string> {
  return (await psql.query('SELECT clock_timestamp()::text AS at')).rows[0].at;
}

function addChannel(psql: pg.Client, name: string, url: string): Promise<unknown> {
  return psql.query('INSERT INTO website_monitor.channels (name, url) VALUES ($1, $2)', [name, url]);
}

async function startChild(file: string): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(new URL(file, import.meta.url));
  const [port] = (await once(child, 'message')) as [number];
  return { child, port };
}
