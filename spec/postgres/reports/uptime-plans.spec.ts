import { expect } from 'chai';
import { type PlanNode, tablesScanned } from '../../support/explained.ts';
import { type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';

const TARGETS = 10_000;

/** Ninety days of partitions with a check an hour and target in three of them, a year of months, and days and hours at its edges. */
const FILL = `
  SELECT make_partition(parent, bucket_of(size, now() - days * interval '24 h'))
  FROM partitioned_tables, generate_series(2, CASE WHEN is_raw THEN 90 WHEN parent = 'rollups_minute' THEN 14 ELSE 366 END) AS days;
  UPDATE rollup_progress SET closed_until = date_trunc(size, now() - interval '150 s', 'UTC'),
    kept_since = CASE size WHEN 'minute' THEN date_trunc('day', now() - interval '14 d', 'UTC') ELSE '-infinity' END
  WHERE made_of IS NOT NULL;
  UPDATE rollup_progress SET kept_since = date_trunc('day', now() - interval '90 d', 'UTC') WHERE size = 'check';
  INSERT INTO check_results (target_id, scheduled_at, started_at, outcome, target_version, total_us, http_status, body_cut)
  SELECT target_id, slot, slot, 'up', 1, 1000, 200, false
  FROM unnest(ARRAY[now() - interval '60 d', now() - interval '1 d', now() - interval '10 s']) AS slot,
    generate_series(1, ${TARGETS}) AS target_id;
  INSERT INTO rollups_month (target_id, bucket, up, checks, answered, from_20_ms)
  SELECT target_id, date_trunc('month', now(), 'UTC') - months * interval '1 month', 40000, 40000, 40000, 40000
  FROM generate_series(1, 12) AS months, generate_series(1, ${TARGETS}) AS target_id;
  INSERT INTO rollups_day (target_id, bucket, up, checks, answered, from_20_ms)
  SELECT target_id, date_trunc('day', now(), 'UTC') - days * interval '24 h', 1400, 1400, 1400, 1400
  FROM generate_series(1, 20) AS days, generate_series(1, ${TARGETS}) AS target_id;
  ANALYZE`;

interface WholeNode extends PlanNode {
  readonly Plans?: readonly WholeNode[];
}

const nodesOf = (plan: WholeNode): WholeNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

describe('uptime and latency over a year of 10,000 targets', () => {
  let db: MigratedDatabase;
  before(async function () {
    this.timeout(120_000);
    db = await migratedDatabase();
    await db.psql.query(FILL);
  });
  after(() => db.drop());

  const planOf = async (targets: readonly number[] | null): Promise<WholeNode> => {
    const [query] = await db.rows<{ text: string }>(
      "SELECT rollups_query(now() - interval '365 d', now(), $1, '{up,from_20_ms}') AS text",
      [targets],
    );
    const [explained] = await db.rows<{ 'QUERY PLAN': readonly { Plan: WholeNode }[] }>(
      `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${query?.text.replaceAll('$1', `'{${targets}}'::bigint[]`)}`,
    );
    const plan = explained?.['QUERY PLAN'][0]?.Plan;
    if (!plan) throw new Error('there is no plan');
    return plan;
  };
  const read = (plan: WholeNode, table: string): string[] => {
    const names = nodesOf(plan).map(node => node['Relation Name'] ?? '');
    return [...new Set(names.filter(name => name.startsWith(table) && !name.endsWith('_default')))].sort();
  };

  it('read of the checks themselves the newest minutes alone', async () => {
    const [tail] = await db.rows<{ tables: readonly string[]; minutes: number }>(
      `SELECT array_agg(DISTINCT partition_name('check_results', 'day', bucket_of('day', moment))) AS tables,
         max(extract(epoch FROM part_until - part_since))::float8 / 60 AS minutes
       FROM parts_of_period(now() - interval '365 d', now()), unnest(ARRAY[part_since, part_until]) AS moment
       WHERE relation = 'check_results'`,
    );
    expect(tail?.minutes).to.be.below(10);
    const plan = await planOf(null);
    expect(read(plan, 'check_results')).to.deep.equal(tail?.tables).and.not.be.empty;
    expect(read(plan, 'rollups_month')).to.not.be.empty;
  });

  it('read of one target some hundred pages, and no table from end to end', async () => {
    const plan = await planOf([77]);
    expect(tablesScanned(plan)).to.deep.equal([]);
    expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).to.be.below(500);
  });

  it('give every target its year', async () => {
    for (const name of ['uptime', 'latency']) {
      const rows = await db.rows(`SELECT FROM ${name}_365d`);
      expect(rows).to.have.length(TARGETS);
    }
  });
});
