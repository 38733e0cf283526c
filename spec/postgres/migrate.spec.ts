import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { connectDatabase, type Database } from '../../lib/postgres/database.ts';
import { migrate, pendingMigrations, requireCurrentSchema, SchemaError } from '../../lib/postgres/migrate.ts';
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
