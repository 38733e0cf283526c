import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

export interface SmokeTest {
  readonly dsn: string;
  /** Null = health and metrics are not tested */
  readonly metricsUrl: string | null;
  /** Checked once; it must be up */
  readonly url: string;
  /** Limit for each step */
  readonly stepMsMax: number;
  /** Called after each successful step */
  readonly tell: (line: string) => void;
}

const ASK_EVERY_MS = 200;

/** @throws Error from the first step that fails */
export async function runSmokeTest({ dsn, metricsUrl, url, stepMsMax, tell }: SmokeTest): Promise<void> {
  if (metricsUrl !== null) {
    for (const path of ['/livez', '/readyz', '/metrics']) tell(await probe(metricsUrl, path, stepMsMax));
  }
  const client = new pg.Client({
    connectionString: dsn,
    connectionTimeoutMillis: stepMsMax,
    query_timeout: stepMsMax,
  });
  await client.connect();
  try {
    tell(await checkOneTarget(client, url, stepMsMax));
  } finally {
    await client.end();
  }
}

/** A worker that has just started is not ready at once. */
async function probe(metricsUrl: string, path: string, stepMsMax: number): Promise<string> {
  const ask = async (): Promise<string | undefined> => {
    const response = await fetch(new URL(path, metricsUrl), { signal: AbortSignal.timeout(stepMsMax) });
    const [line = ''] = (await response.text()).split('\n');
    last = `${response.status} ${line}`;
    return response.ok ? last : undefined;
  };
  let last = 'no answer';
  const answer = await untilSaid(() => ask().catch(() => undefined), stepMsMax);
  if (answer === undefined) throw new Error(`${path} of ${metricsUrl} must answer 200, and said: ${last}`);
  return `${path} says ${answer}`;
}

interface Recorded {
  readonly outcome: string;
  readonly cause: string | null;
  readonly status: number | null;
  readonly milliseconds: number;
}

async function checkOneTarget(client: pg.Client, url: string, stepMsMax: number): Promise<string> {
  const { rows } = await client.query<{ id: string }>(ADD_TARGET, [url]);
  const id = rows[0]?.id;
  try {
    const recorded = await untilSaid(
      async () => (await client.query<Recorded>(FIND_CHECK, [id])).rows[0],
      stepMsMax,
    );
    if (recorded === undefined) {
      throw new Error(
        `no worker has recorded a check of ${url} within ${stepMsMax / 1_000} s: does one run?`,
      );
    }
    const { outcome, cause, status, milliseconds } = recorded;
    const seen = `${[outcome, cause ?? status].join(', ')}, ${milliseconds} ms`;
    if (outcome !== 'up') throw new Error(`${url} was checked and recorded, but not as up: ${seen}`);
    return `${url} was checked and recorded: ${seen}`;
  } finally {
    await client.query(REMOVE_TARGET, [id]);
  }
}

/** Polls until there is an answer; undefined when time is up. */
async function untilSaid<T>(ask: () => Promise<T | undefined>, durationMs: number): Promise<T | undefined> {
  const deadline = performance.now() + durationMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || performance.now() > deadline) return answer;
    await delay(ASK_EVERY_MS);
  }
}

// At the longest interval, so that a target left behind by a killed run costs next to nothing.
const ADD_TARGET = `
  INSERT INTO website_monitor.monitored_targets (url, check_interval) VALUES ($1, '30 days') RETURNING id`;
const FIND_CHECK = `
  SELECT outcome, cause, http_status AS status, round(total_us / 1000.0)::integer AS milliseconds
  FROM website_monitor.check_results WHERE target_id = $1`;
const REMOVE_TARGET = 'DELETE FROM website_monitor.monitored_targets WHERE id = $1';
