import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { sqlPath, statement } from '../sql/sql-file.ts';
import type { Database, Query } from './database.ts';
import { isAboutExisting, isLockTimeout } from './error-codes.ts';

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

/** Why a schema does not fit this program: it is older, newer, or an applied migration was edited. */
export type SchemaMismatch = 'older' | 'newer' | 'edited';

/** The schema does not fit this program. The message says how, and what to do. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
  readonly mismatch: SchemaMismatch;
  /** The message without the remedy */
  readonly what: string;

  constructor(mismatch: SchemaMismatch, what: string, remedy: string) {
    super(`${what}: ${remedy}`);
    this.mismatch = mismatch;
    this.what = what;
  }
}

/** Another session migrates, or was left in a transaction with the lock. Worth waiting for. */
export class MigrationLockedError extends Error {
  override readonly name = 'MigrationLockedError';
}

/** Longest wait for another session's migration, before its holder is reported and the wait begins again. */
const LOCK_MS_MAX = 5_000;

/**
 * Applies the missing migrations of `sql/migrations` in order, in one transaction under a lock: workers that
 * start together wait for the first. Locks nothing if none is missing.
 *
 * @returns the names of the migrations applied
 * @throws SchemaError if the schema is newer than this program, or an applied migration was edited
 * @throws MigrationLockedError if another session holds the lock for more than 5 s
 */
export async function migrate(database: Database): Promise<readonly string[]> {
  const missing = await missingMigrations(database);
  if (missing.length === 0) return [];
  try {
    return await database.transaction(applyMigrations);
  } catch (error) {
    const isOvertaken = async () => (await missingMigrations(database)).length < missing.length;
    if (isAboutExisting(error) && (await isOvertaken())) return migrate(database);
    if (!isLockTimeout(error)) throw error;
    const holders = await database.query<{ pid: number; application_name: string | null }>(
      statement('migrations-lock-holders'),
    );
    const names = holders.map(({ pid, application_name: name }) => (name ? `${pid} (${name})` : String(pid)));
    throw new MigrationLockedError(
      `another session holds the lock for migrations: it migrates, or was left in a transaction; process ${names.join(', ') || 'unknown, since it has ended'}`,
    );
  }
}

async function applyMigrations(query: Query): Promise<readonly string[]> {
  await query(statement('lock-timeout'), [String(LOCK_MS_MAX)]);
  await query(statement('migrations-prepare'));
  await query(statement('migrations-lock'));
  const pending = pendingMigrations(ownMigrations(), await query<Migration>(statement('migrations-applied')));
  for (const { number, name, checksum } of pending) {
    await query(readMigration(name));
    await query(statement('migrations-record'), [number, name, checksum]);
  }
  return pending.map(({ name }) => name);
}

async function missingMigrations(database: Database): Promise<readonly Migration[]> {
  const [ledger] = await database.query<{ exists: boolean }>(statement('migrations-exist'));
  const applied = ledger?.exists ? await database.query<Migration>(statement('migrations-applied')) : [];
  return pendingMigrations(ownMigrations(), applied);
}

/** A log line has room for few names, and a new database lacks them all. */
const NAMED_MAX = 3;

/**
 * Checks that the schema is current. Changes nothing.
 *
 * @returns no names, since nothing was applied
 * @throws SchemaError if the schema is newer or older than this program
 */
export async function requireCurrentSchema(database: Database): Promise<readonly string[]> {
  const pending = await missingMigrations(database);
  if (pending.length > 0) {
    const names = pending
      .slice(0, NAMED_MAX)
      .map(({ name }) => name)
      .join(', ');
    const others = pending.length > NAMED_MAX ? ` and ${pending.length - NAMED_MAX} more` : '';
    throw new SchemaError(
      'older',
      `the database lacks ${names}${others}`,
      'run "npm run migrate", or start without --no-migrate',
    );
  }
  return [];
}

/** @throws SchemaError unless the applied migrations are the first of those that this program knows */
export function pendingMigrations(
  known: readonly Migration[],
  applied: readonly Migration[],
): readonly Migration[] {
  const knownByNumber = new Map(known.map(migration => [migration.number, migration]));
  for (const { number, name, checksum } of applied) {
    const same = knownByNumber.get(number);
    if (!same) {
      throw new SchemaError(
        'newer',
        `the database has the migration ${name}, which this version does not know`,
        'it belongs to a newer website-monitor; run that one',
      );
    }
    if (same.checksum !== checksum) {
      throw new SchemaError(
        'edited',
        `the migration ${name} was changed after it had been applied`,
        'migrations only roll forward; restore the file',
      );
    }
  }
  const appliedNumbers = new Set(applied.map(({ number }) => number));
  return known.filter(({ number }) => !appliedNumbers.has(number));
}

/** Reads the files of `sql/migrations`, in the order of their leading numbers. */
function ownMigrations(): Migration[] {
  return readdirSync(sqlPath('migrations'))
    .filter(name => /^\d{4}-.+\.sql$/.test(name))
    .sort()
    .map(name => ({ number: Number(name.slice(0, 4)), name, checksum: sha256(readMigration(name)) }));
}

const readMigration = (name: string): string => readFileSync(sqlPath(`migrations/${name}`), 'utf8');

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
