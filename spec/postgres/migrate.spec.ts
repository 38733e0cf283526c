import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { connectDatabase, type Database } from '../../lib/postgres/database.ts';
import {
  MigrationLockedError,
  migrate,
  pendingMigrations,
  requireCurrentSchema,
  SchemaError,
} from '../../lib/postgres/migrate.ts';
import { ensurePartitions } from '../../lib/postgres/prepare-database.ts';
import { statement } from '../../lib/sql/sql-file.ts';
import { psqlLike, type TestDatabase, testDatabase } from '../support/postgres.ts';

/** The names begin with their numbers. */
const ALL = readdirSync(join(import.meta.dirname, '../../sql/migrations')).sort();

describe('migrations', () => {
  let test: TestDatabase;
  let database: Database;
  beforeEach(async () => {
    test = await testDatabase();
    database = connectDatabase({ dsn: test.dsn, poolSize: 8, applicationName: 'spec' });
  });
  afterEach(async () => {
    await database.close();
    await test.drop();
  });
  const refusal = async (work: Promise<unknown>): Promise<Error> =>
    work.then(
      () => expect.fail('it was not refused'),
      error => error,
    );

  it('are applied once, and then there is nothing to do', async () => {
    expect(await migrate(database)).to.deep.equal(ALL);
    expect(await migrate(database)).to.deep.equal([]);
    await requireCurrentSchema(database);
  });

  it('are applied once by workers that start together', async () => {
    const applied = await Promise.all(Array.from({ length: 4 }, () => migrate(database)));
    expect(applied.flat()).to.deep.equal(ALL);
  });

  it('lock nothing if none is missing, and are not held up by advisory locks or readers', async () => {
    await migrate(database);
    const psql = await psqlLike(test.dsn);
    const names = ['website_monitor.ensure_partitions', 'website_monitor.roll_up'];
    await psql.query("SELECT pg_advisory_lock(hashtext('website_monitor'), hashtext('migrate'))");
    for (const name of names) await psql.query('SELECT pg_advisory_lock(hashtext($1))', [name]);
    await psql.query('BEGIN; LOCK TABLE website_monitor.schema_migrations IN SHARE ROW EXCLUSIVE MODE');
    expect(await migrate(database)).to.deep.equal([]);

    const [last] = await database.query<{ name: string }>(
      `SELECT max(inhrelid::regclass::text) AS name FROM pg_inherits
       WHERE inhparent = 'website_monitor.failure_log'::regclass AND inhrelid::regclass::text ~ '[0-9]$'`,
    );
    await database.query(`DROP TABLE ${last?.name}`);
    await database.query(`UPDATE website_monitor.rollup_progress
      SET closed_until = website_monitor.bucket_of('hour', now() - interval '3 h') WHERE size = 'minute'`);
    await ensurePartitions(database);
    while ((await database.query<{ is_behind: boolean }>(statement('roll-up')))[0]?.is_behind);
    const [facts] = await database.query(
      `SELECT to_regclass($1) IS NOT NULL AS is_made, closed_until > now() - interval '1 h' AS is_closed
       FROM website_monitor.rollup_progress WHERE size = 'minute'`,
      [last?.name],
    );
    expect(facts).to.deep.equal({ is_made: true, is_closed: true });
    await psql.end();
  });

  it('report who holds their lock, and wait for it', async () => {
    await migrate(database);
    await database.query('DELETE FROM website_monitor.schema_migrations WHERE number = 20');
    const psql = await psqlLike(test.dsn);
    await psql.query('BEGIN; LOCK TABLE website_monitor.schema_migrations IN SHARE ROW EXCLUSIVE MODE');
    const { rows } = await psql.query('SELECT pg_backend_pid() AS pid');
    const error = await refusal(migrate(database));
    expect(error).to.be.instanceOf(MigrationLockedError);
    expect(error.message).to.include(`process ${rows[0].pid}`);
    await psql.end();
  });

  it('leave nothing behind if one fails: all or none', async () => {
    const psql = await psqlLike(test.dsn);
    // in the way of the first migration's last table
    await psql.query('CREATE SCHEMA website_monitor; CREATE TABLE website_monitor.check_gaps (id integer)');
    expect((await refusal(migrate(database))).message).to.include('check_gaps');
    const { rows } = await psql.query(
      "SELECT relname FROM pg_class WHERE relnamespace = 'website_monitor'::regnamespace",
    );
    expect(rows).to.deep.equal([{ relname: 'check_gaps' }]);
    await psql.end();
  });

  it('need no superuser, only the right to create in the database', async () => {
    const admin = await psqlLike(test.dsn);
    const role = `plain_${process.pid}_${Date.now()}`;
    const name = new URL(test.dsn).pathname.slice(1);
    await admin.query(
      `CREATE ROLE ${role} LOGIN PASSWORD 'spec'; GRANT CREATE ON DATABASE ${name} TO ${role}`,
    );
    const dsn = new URL(test.dsn);
    dsn.username = role;
    dsn.password = 'spec';
    const plain = connectDatabase({ dsn: dsn.href, poolSize: 2, applicationName: 'spec' });
    expect(await migrate(plain)).to.have.length(ALL.length);
    await plain.query("INSERT INTO website_monitor.monitored_targets (url) VALUES ('http://localhost:1/')");
    await plain.close();
    await admin.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
    await admin.end();
  });

  it('are refused, with advice, if the schema is missing and must not be created', async () => {
    const error = await refusal(requireCurrentSchema(database));
    expect(error).to.be.instanceOf(SchemaError);
    expect(error.message).to.include('0001-monitor-websites.sql').and.include('npm run migrate');
  });

  it('report a database of a newer version', async () => {
    await migrate(database);
    await database.query(
      "INSERT INTO website_monitor.schema_migrations (number, name, checksum) VALUES (9999, '9999-later.sql', 'x')",
    );
    for (const refused of [migrate(database), requireCurrentSchema(database)]) {
      const error = await refusal(refused);
      expect(error).to.be.instanceOf(SchemaError);
      expect(error.message).to.include('9999-later.sql').and.include('newer website-monitor');
    }
  });

  it('report a file that was edited after it was applied', () => {
    const known = [{ number: 1, name: '0001-a.sql', checksum: 'new' }];
    const applied = [{ number: 1, name: '0001-a.sql', checksum: 'old' }];
    expect(() => pendingMigrations(known, applied)).to.throw(SchemaError, /0001-a.sql was changed/);
  });
});
