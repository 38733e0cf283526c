import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { proxyBefore } from '../support/tcp-proxy.ts';
import { type Bath, FAULTS, INSERT_HEAVY_TARGET, INSERT_TARGETS } from './faults.ts';
import type { Holding } from './service-process.ts';
import { startMoodyWebsite } from './website.ts';

export interface SoakSettings {
  readonly dsn: string;
  readonly minutes: number;
  readonly targets: number;
  readonly say: (line: string) => void;
}

export type Held = Holding & { readonly databaseSessions: number };

export interface Soaked {
  readonly before: Held;
  readonly after: Held;
  /** Number of checks by outcome and cause */
  readonly checks: readonly {
    readonly outcome: string;
    readonly cause: string | null;
    readonly checks: number;
  }[];
}

const WARM_UP_MS = 60_000;
const BETWEEN_FAULTS_MS = 4_000;
/** Idle connections of the pool are closed after 60 s */
const REST_MS = 70_000;
const SAMPLES = 10;
const SERVICE = join(import.meta.dirname, 'service-process.ts');

/** Loads the service, injects faults, and returns what it held at rest before and after. */
export async function runSoak({ dsn, minutes, targets, say }: SoakSettings): Promise<Soaked> {
  const website = await startMoodyWebsite();
  const proxy = await proxyBefore(dsn);
  const psql = new pg.Client({ connectionString: dsn });
  await psql.connect();
  const service = fork(SERVICE, [proxy.through(dsn)], { execArgv: ['--expose-gc'] });
  await once(service, 'message');
  await psql.query('SET search_path = website_monitor');
  await psql.query(INSERT_TARGETS, [website.url, targets]);
  await psql.query(INSERT_HEAVY_TARGET, [website.url]);
  const bath: Bath = { psql, proxy, website, targets };

  const sample = async (): Promise<Held> => {
    const told = once(service, 'message');
    service.send('sample');
    const [holding] = (await told) as [Holding];
    const { rows } = await psql.query(
      "SELECT count(*)::integer AS sessions FROM pg_stat_activity WHERE application_name = 'soaked'",
    );
    return { ...holding, databaseSessions: rows[0].sessions };
  };
  const atRest = async (): Promise<Held> => {
    await psql.query('UPDATE monitored_targets SET enabled = false');
    await delay(REST_MS);
    const samples: Held[] = [];
    for (let taken = 0; taken < SAMPLES; taken += 1) {
      samples.push(await sample());
      await delay(500);
    }
    await psql.query('UPDATE monitored_targets SET enabled = true');
    return leastOf(samples);
  };
  const soakFor = async (durationMs: number): Promise<void> => {
    const endsAtMs = performance.now() + durationMs;
    while (performance.now() < endsAtMs) {
      for (const [name, inflict] of Object.entries(FAULTS)) {
        say(name);
        await inflict(bath);
        await delay(BETWEEN_FAULTS_MS);
      }
    }
  };

  try {
    say('warming up, with every fault once');
    await soakFor(WARM_UP_MS);
    say('resting');
    const before = await atRest();
    say(`soaking for ${minutes} minutes`);
    await soakFor(minutes * 60_000);
    say('resting');
    const after = await atRest();
    const { rows: checks } = await psql.query(
      'SELECT outcome, cause, count(*)::integer AS checks FROM check_results GROUP BY outcome, cause ORDER BY checks DESC',
    );
    return { before, after, checks };
  } finally {
    service.kill('SIGTERM');
    await once(service, 'exit');
    await psql.end();
    await proxy.close();
    await website.close();
  }
}

/** The minimum of each figure: memory that a heartbeat holds during a sample is not a leak. */
const leastOf = (samples: readonly Held[]): Held =>
  samples.reduce((least, next) => {
    const keys = Object.keys(least) as (keyof Held)[];
    return Object.fromEntries(keys.map(key => [key, Math.min(least[key], next[key])])) as unknown as Held;
  });
