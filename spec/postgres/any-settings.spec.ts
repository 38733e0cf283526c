import { expect } from 'chai';
import type pg from 'pg';
import type { Lease } from '../../lib/domain/check/lease.ts';
import { connectDatabase, type Database } from '../../lib/postgres/database.ts';
import { migrate } from '../../lib/postgres/migrate.ts';
import { ensurePartitions } from '../../lib/postgres/prepare-database.ts';
import { readStatus } from '../../lib/postgres/reports/read-status.ts';
import { exportTargets } from '../../lib/postgres/targets/read-targets.ts';
import { statement } from '../../lib/sql/sql-file.ts';
import { describeWith } from '../support/debian.ts';
import { failureOf } from '../support/failure-of.ts';
import { emptyTables, setGridsApart } from '../support/migrated-database.ts';
import { startPgBouncer } from '../support/pgbouncer.ts';
import { psqlLike, type TestDatabase, testDatabase } from '../support/postgres.ts';
import { checked, down, handDrivenWorker } from '../support/worker.ts';

/**
 * What PostgreSQL's manual lists under "Client Connection Defaults" and "Version and Platform Compatibility",
 * as far as it changes how text or statements are read, written or run. All at once; time zones follow.
 */
const HOSTILE: Readonly<Record<string, string>> = {
  // statement behaviour
  search_path: 'pg_temp',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  check_function_bodies: 'off',
  lock_timeout: '1',
  transaction_timeout: '300000',
  idle_in_transaction_session_timeout: '60000',
  idle_session_timeout: '60000',
  bytea_output: 'escape',
  xmlbinary: 'hex',
  xmloption: 'document',
  row_security: 'off',
  restrict_nonsystem_relation_kind: 'view',
  client_min_messages: 'error',
  // locale and formatting
  datestyle: 'SQL, DMY',
  intervalstyle: 'sql_standard',
  timezone_abbreviations: 'India',
  extra_float_digits: '-15',
  client_encoding: 'LATIN1',
  default_text_search_config: 'german',
  // previous versions and other platforms
  array_nulls: 'off',
  backslash_quote: 'off',
  escape_string_warning: 'off',
  quote_all_identifiers: 'on',
  standard_conforming_strings: 'off',
  synchronize_seqscans: 'off',
  transform_null_equals: 'on',
  // errors and planning
  exit_on_error: 'on',
  jit_above_cost: '0',
  plan_cache_mode: 'force_generic_plan',
};

/** Two that are not whole hours from UTC, one whose short name is another's, both ends, and summer time. */
const TIME_ZONES = ['Asia/Kolkata', 'Asia/Shanghai', 'America/St_Johns', 'Pacific/Apia', 'Europe/Berlin'];

/** A session of the spec's own, which the settings above do not reach. */
const PLAIN = [
  'datestyle=ISO',
  'timezone=UTC',
  'standard_conforming_strings=on',
  'array_nulls=on',
  'extra_float_digits=1',
  'intervalstyle=postgres',
  'transform_null_equals=off',
  'quote_all_identifiers=off',
  'default_transaction_isolation=read\\ committed',
  'search_path=website_monitor',
  'lock_timeout=0',
];
const plainDsn = (dsn: string): string => {
  const url = new URL(dsn);
  url.search = `options=${encodeURIComponent(PLAIN.map(one => `-c ${one}`).join(' '))}`;
  return url.href;
};

const ENTER_OLD_CHECKS = `
  INSERT INTO check_results (target_id, scheduled_at, started_at, outcome, target_version, total_us, body_cut)
  SELECT 1, slot, slot, 'up', 1, 1000, false
  FROM unnest(ARRAY[now() - interval '80 h', now() - interval '50 h']) AS slot;
  UPDATE rollup_progress SET closed_until = bucket_of(size, now() - interval '90 h') WHERE made_of IS NOT NULL`;

/** Through the whole cycle of targets and checks; returns what must be the same under all settings. */
async function runCycle(database: Database, user: pg.Client, plain: pg.Client): Promise<unknown> {
  const facts = async (text: string) => (await plain.query({ text, rowMode: 'array' })).rows;
  await emptyTables(plain);
  await user.query(
    `INSERT INTO website_monitor.monitored_targets (url, check_interval, max_latency)
     VALUES ('http://localhost:1/a', '90 s', '1500 ms'), ('http://localhost:1/b', '2 days', NULL)`,
  );
  const refused = await failureOf(
    psqlQuery(user, "INSERT INTO website_monitor.monitored_targets (url) VALUES ('http://a b')"),
  );

  await setGridsApart(plain);
  const worker = handDrivenWorker(database, { worker: 'spec' });
  const { leases } = await worker.lease(10);
  const [first, second] = leases as [Lease, Lease];
  const recorded = await worker.record([checked(first), { ...down(second), httpStatus: null }]);

  await plain.query(ENTER_OLD_CHECKS);
  await ensurePartitions(database);
  const bounds = await facts(
    `SELECT relname, pg_get_expr(relpartbound, pg_class.oid) FROM pg_class
     WHERE relispartition AND relkind = 'r' AND relname !~ '_default$'
       ORDER BY 1`,
  );
  while ((await database.query<{ is_behind: boolean }>(statement('roll-up')))[0]?.is_behind);
  let dropped = 0;
  while ((await database.query<{ dropped: boolean }>(statement('drop-old-partition'), [2]))[0]?.dropped)
    dropped++;

  const status = await readStatus(database, { lastMs: 3_600_000, rowsMax: 5, withLabels: {} });
  const exported = [];
  for await (const page of exportTargets(database, { urlPart: null, labels: {} })) exported.push(...page);
  return {
    refused: refused.message,
    troubles: worker.troubles,
    recordedCount: recorded.recorded.length,
    bounds,
    dropped,
    states: status.targets,
    latencies: status.slowest.map(({ meanMs, maxMs }) => [meanMs, maxMs]),
    exported,
    checks: await facts(
      `SELECT target_id, outcome, http_status, tls_us, total_us, extract(epoch FROM started_at - scheduled_at)
       FROM check_results WHERE scheduled_at > now() - interval '1 h' ORDER BY 1`,
    ),
    left: await facts('SELECT count(*) FROM lease_batches UNION ALL SELECT count(*) FROM check_gaps'),
    rollups: await facts(
      `SELECT 'hour', bucket - date_trunc('hour', now()) < interval '-49 h', checks, up, from_1_ms FROM rollups_hour
       UNION ALL SELECT 'day', bucket = date_trunc('day', bucket), checks, up, from_1_ms FROM rollups_day ORDER BY 1, 2`,
    ),
    uptime: (
      await user.query(
        "SELECT target_id, uptime FROM website_monitor.uptime(now() - interval '100 h', now()) ORDER BY 1",
      )
    ).rows,
  };
}

const psqlQuery = (client: pg.Client, text: string): Promise<unknown> => client.query(text);

describe('Settings of the database', function () {
  this.timeout(60_000);
  let expected: unknown;
  let own: TestDatabase;
  let plain: pg.Client;
  const run = async (dsn: string, migrates: boolean): Promise<unknown> => {
    const database = connectDatabase({ dsn, poolSize: 2, applicationName: 'spec' });
    const user = await psqlLike(own.dsn);
    try {
      if (migrates) await migrate(database);
      await user.query('SET exit_on_error = off'); // its refused statement is a fact, too
      return await runCycle(database, user, plain);
    } finally {
      await user.end();
      await database.close();
    }
  };
  const setAll = async (settings: Readonly<Record<string, string>>): Promise<void> => {
    for (const [name, value] of Object.entries(settings)) {
      await plain.query(
        `DO $$ BEGIN IF current_setting('${name}', true) IS NOT NULL THEN EXECUTE pg_catalog.format(
           'ALTER DATABASE %I SET ${name} = ${value.includes(',') ? value : `''${value}''`}', current_database()); END IF; END $$`,
      );
    }
  };
  before(async () => {
    own = await testDatabase('migrated');
    plain = await psqlLike(plainDsn(own.dsn));
    expected = await run(own.dsn, false);
    await plain.end();
    await own.drop();

    own = await testDatabase();
    plain = await psqlLike(plainDsn(own.dsn));
    await setAll({ ...HOSTILE, timezone: 'Asia/Kolkata' });
  });
  after(async () => {
    await plain.end();
    await own.drop();
  });

  it('change nothing: not what is migrated, leased, recorded, rolled up, dropped or read', async () => {
    expect(await run(own.dsn, true)).to.deep.equal(expected);
  });

  it('are pinned on every function that is not a single expression, so that triggers mean the same everywhere', async () => {
    const { rows } = await plain.query(
      `SELECT oid::regprocedure::text FROM pg_proc
       WHERE pronamespace = 'website_monitor'::regnamespace AND (proconfig IS NOT NULL OR prosqlbody IS NULL)
         AND NOT coalesce(proconfig, '{}') @> ARRAY['search_path=pg_catalog, pg_temp', 'DateStyle=ISO, MDY',
           'IntervalStyle=postgres', 'TimeZone=UTC', 'extra_float_digits=1', 'array_nulls=on',
           'standard_conforming_strings=on', 'transform_null_equals=off', 'quote_all_identifiers=off']`,
    );
    expect(rows).to.deep.equal([]);
  });

  for (const timezone of TIME_ZONES.slice(1)) {
    it(`change nothing in the time zone ${timezone}`, async () => {
      await setAll({ timezone });
      await plain.query(
        `DO $$ DECLARE one regclass; BEGIN
           FOR one IN SELECT inhrelid FROM pg_inherits WHERE inhrelid::regclass::text ~ '_[0-9]+$' LOOP
             EXECUTE format('DROP TABLE %s', one); END LOOP; END $$`,
      );
      expect(await run(own.dsn, false)).to.deep.equal(expected);
    });
  }

  describeWith('pgbouncer', 'behind PgBouncer in transaction mode', () => {
    it('change nothing either, declared or not', async () => {
      const pooler = await startPgBouncer(own.dsn);
      try {
        expect(await run(pooler.dsn, false)).to.deep.equal(expected);
      } finally {
        await pooler.close();
      }
    });
  });
});
