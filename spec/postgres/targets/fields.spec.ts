import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { listTargets } from '../../../lib/postgres/targets/read-targets.ts';
import { COLUMNS } from '../../../lib/targets/columns.ts';
import type { Column, Field } from '../../../lib/targets/field.ts';
import { FIELDS } from '../../../lib/targets/fields.ts';
import { targetColumnsTable, targetsViewTable } from '../../../scripts/support/columns-table.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';

interface KnownColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly default: string | null;
}

const KNOWN = `
  SELECT attname AS name, format_type(atttypid, atttypmod) AS type, NOT attnotnull AS nullable,
    pg_get_expr(adbin, adrelid) AS default
  FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
  WHERE attrelid = 'monitored_targets'::regclass AND attnum > 0 AND NOT attisdropped`;

/** Some value of each type that no column has by default. */
const SOME: Readonly<Record<string, string>> = {
  bigint: '(SELECT min(id) FROM monitored_targets AS other WHERE other.id <> target.id)',
  boolean: 'NOT %',
  interval: "'7 s'",
  jsonb: `'{"a": "b"}'`,
  smallint: '7',
  text: "'x'",
};

const fields = Object.values(FIELDS) as readonly Field<never>[];
const columns = fields.flatMap(field =>
  Object.entries(field.columns).map(([name, column]: [string, Column]) => ({
    name,
    ...column,
    use: field.use,
  })),
);

describe('The table of what a target is', () => {
  let db: MigratedDatabase;
  before(async () => {
    db = await migratedDatabase();
  });
  after(() => db.drop());
  beforeEach(() => emptyTables(db.psql));

  it('has every column of monitored_targets, with its type and nullability', async () => {
    const known = await db.rows<KnownColumn>(KNOWN);
    const type = (name: string): string => name.replace('timestamptz', 'timestamp with time zone');
    expect(
      columns.map(({ name, type: short, whenNull }) => [name, type(short), whenNull !== null]),
    ).to.have.deep.members(known.map(({ name, type: long, nullable }) => [name, long, nullable]));
  });

  it('has the database’s defaults', async () => {
    const known = new Map((await db.rows<KnownColumn>(KNOWN)).map(column => [column.name, column]));
    for (const [name, column] of COLUMNS) {
      const written = known.get(name)?.default ?? 'NULL';
      const [row] = await db.rows<{ same: boolean }>(
        `SELECT (SELECT ${name} FROM jsonb_populate_record(NULL::monitored_targets, $1)) IS NOT DISTINCT FROM ${written} AS same`,
        [{ [name]: column.default }],
      );
      expect(row?.same, name).to.equal(true);
    }
  });

  it('lets people set what import sets and export writes', async () => {
    const settable = await db.rows<{ name: string }>('SELECT name FROM settable_columns()');
    expect([...COLUMNS.keys()]).to.have.members(settable.map(({ name }) => name));
    await db.psql.query("INSERT INTO monitored_targets (url) VALUES ('http://a/')");
    const [exported] = await db.rows<{ columns: object }>(
      "SELECT columns FROM get_targets(0, NULL, '{}', 1)",
    );
    expect(exported?.columns).to.have.all.keys([...COLUMNS.keys()]);
  });

  it('says which edits raise the version; all raise the revision, except those of the database’s own columns', async () => {
    await db.psql.query("INSERT INTO monitored_targets (url) VALUES ('http://a/'), ('http://b/')");
    const constraints = await db.rows<{ name: string }>(
      "SELECT quote_ident(conname) AS name FROM pg_constraint WHERE conrelid = 'monitored_targets'::regclass AND contype = 'c'",
    );
    for (const { name, type, use } of columns.filter(one => one.use !== 'service')) {
      await db.psql.query('BEGIN');
      for (const constraint of constraints)
        await db.psql.query(`ALTER TABLE monitored_targets DROP CONSTRAINT ${constraint.name}`);
      const [row] = await db.rows(
        `UPDATE monitored_targets AS target SET ${name} = ${SOME[type]?.replace('%', name)}
         WHERE id = 2 RETURNING version, revision`,
      );
      await db.psql.query('ROLLBACK');
      expect(row, name).to.deep.equal({ version: use === 'people' ? 1 : 2, revision: 2 });
    }
    const [own] = await db.rows(
      `UPDATE monitored_targets SET version = 9, revision = 9, created_by = 'me', regex_breaches = 2, regex_problem = 'a'
       WHERE id = 2 RETURNING version, revision, created_by = session_user AS ours`,
    );
    expect(own).to.deep.equal({ version: 1, revision: 1, ours: true });
  });

  it('starts the name of each constraint with a column', async () => {
    const sentences = await db.rows<{ name: string }>(
      `SELECT conname AS name FROM pg_constraint WHERE conrelid = 'monitored_targets'::regclass AND contype IN ('c', 'f', 'u')
       UNION ALL SELECT relname FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
       WHERE indrelid = 'monitored_targets'::regclass AND indisunique AND NOT indisprimary`,
    );
    const subjects = [...COLUMNS.keys(), 'credentials'];
    expect(sentences.filter(({ name }) => !subjects.includes(name.split(' ')[0] ?? ''))).to.deep.equal([]);
  });

  it('is in docs/SQL.md', () => {
    const text = readFileSync(new URL('../../../docs/SQL.md', import.meta.url), 'utf8');
    expect(text).to.include(`<!-- columns of monitored_targets -->\n${targetColumnsTable()}\n<!--`);
    expect(text).to.include(`<!-- columns of targets -->\n${targetsViewTable()}\n<!--`);
  });

  it('shows no secret in the view', async () => {
    await db.psql.query("INSERT INTO monitored_targets (url) VALUES ('http://a/')");
    for await (const [target] of listTargets(db.database, { urlPart: null, labels: {} })) {
      const secrets = columns.filter(({ isSecret }) => isSecret).map(({ name }) => name);
      expect(target?.row).to.not.be.empty.and.not.have.any.keys(secrets);
    }
  });
});
