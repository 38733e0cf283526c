import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import type { Mood, MoodyWebsite } from './website.ts';

/** What a fault can affect. */
export interface Bath {
  readonly psql: pg.Client;
  /** Between the service and its database */
  readonly proxy: TcpProxy;
  readonly website: MoodyWebsite;
  readonly targets: number;
}

type Fault = (bath: Bath) => Promise<unknown>;

/** Longer than a query may take, so that the service gives connections up */
const SWALLOWED_MS = 12_000;
const SPELL_MS = 3_000;

const TERMINATE = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'soaked'`;

export const INSERT_TARGETS = `
  INSERT INTO monitored_targets (url, check_interval, regex_pattern)
  SELECT $1 || '/' || number, '1 s', CASE WHEN number % 5 = 0 THEN 'j(a|b)c?' END
  FROM generate_series(1, $2::integer) AS number`;

/** One with a slow pattern, so that the thread for slow patterns exists from the start. */
export const INSERT_HEAVY_TARGET = `
  INSERT INTO monitored_targets (url, check_interval, regex_pattern)
  VALUES ($1 || '/heavy', '10 s', '[ab]*a[ab]{200}[cd]')`;

const spellOf =
  (mood: Mood): Fault =>
  async ({ website }) => {
    website.be(mood);
    await delay(SPELL_MS);
    website.be('well');
  };

/** Each ends by itself. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'sessions terminated': ({ psql }) => psql.query(TERMINATE),
  'website resets': spellOf('resetting'),
  'connections cut': async ({ proxy }) => proxy.cut(),
  'website silent': spellOf('silent'),
  'recording locked out': async ({ psql }) => {
    await psql.query('BEGIN; LOCK TABLE check_results IN SHARE MODE');
    await delay(SPELL_MS);
    await psql.query('COMMIT');
  },
  'targets replaced': async ({ psql, website, targets }) => {
    await psql.query('DELETE FROM monitored_targets WHERE id % 2 = 0');
    await psql.query(
      "UPDATE monitored_targets SET url = url || '/edited' WHERE id % 4 = 1 AND length(url) < 1000",
    );
    await psql.query(INSERT_TARGETS, [website.url, Math.floor(targets / 2)]);
  },
  'network swallowed': async ({ proxy }) => {
    proxy.blackhole();
    await delay(SWALLOWED_MS);
    proxy.heal();
  },
};
