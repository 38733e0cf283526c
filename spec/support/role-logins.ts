import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { sqlPath } from '../../lib/sql/sql-file.ts';
import { psqlLike, type TestDatabase, testDatabase } from './postgres.ts';

export const PARTS = ['owner', 'worker', 'reader', 'editor'] as const;
export type Part = (typeof PARTS)[number];

/** A fresh database with the groups of sql/roles.sql, and a login in each, made by an administrator who is no superuser. */
export interface RoleLogins {
  /** As a superuser */
  readonly database: TestDatabase;
  /** @param of the database: default this one */
  readonly dsnOf: (who: Part | 'admin', of?: string) => string;
  readonly drop: () => Promise<void>;
}

const run = async (dsn: string, text: string): Promise<void> => {
  const client = await psqlLike(dsn);
  await client.query(text).finally(() => client.end());
};

export const applyRoles = (dsn: string): Promise<void> =>
  run(dsn, readFileSync(sqlPath('roles.sql'), 'utf8'));

const groupOf = (part: Part): string => `website_monitor_${part}`;

export async function openRoleLogins(): Promise<RoleLogins> {
  const database = await testDatabase();
  const name = new URL(database.dsn).pathname.slice(1);
  const loginOf = (who: Part | 'admin'): string => `${name}_${who}`;
  const dsnOf = (who: Part | 'admin', of: string = database.dsn): string => {
    const dsn = new URL(of);
    dsn.username = loginOf(who);
    dsn.password = 'spec';
    return dsn.href;
  };
  const superuser = await psqlLike(database.dsn);
  const present = await presentGroups(superuser);
  await superuser.query(
    [
      `CREATE ROLE ${loginOf('admin')} LOGIN PASSWORD 'spec' CREATEROLE`,
      `ALTER DATABASE ${name} OWNER TO ${loginOf('admin')}`,
      ...present.map(group => `GRANT ${group} TO ${loginOf('admin')} WITH ADMIN OPTION`),
    ].join(';'),
  );
  await superuser.end();
  await applyRoles(dsnOf('admin'));
  // As its comment tells people to
  const logins = PARTS.map(
    part => `CREATE ROLE ${loginOf(part)} LOGIN PASSWORD 'spec' IN ROLE ${groupOf(part)}`,
  );
  const asGroup = `ALTER ROLE ${loginOf('owner')} SET role = '${groupOf('owner')}'`;
  await run(dsnOf('admin'), [...logins, asGroup].join(';'));

  return {
    database,
    dsnOf,
    drop: async () => {
      await database.drop();
      const server = new URL(database.dsn);
      server.pathname = 'postgres';
      const ours = PARTS.map(groupOf).filter(group => !present.includes(group));
      const roles = [...[...PARTS, 'admin' as const].map(loginOf), ...ours];
      await run(server.href, `DROP ROLE ${roles}`);
    },
  };
}

/** Roles are the server's, not the database's: some may be there already, and are to stay. */
async function presentGroups(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ group: string }>(
    'SELECT rolname AS group FROM pg_roles WHERE rolname = ANY ($1)',
    [PARTS.map(groupOf)],
  );
  return rows.map(({ group }) => group);
}
