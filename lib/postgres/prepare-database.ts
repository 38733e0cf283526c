import { defer, firstValueFrom, type MonoTypeOperatorFunction, type Observable, retry, timer } from 'rxjs';
import { backoffMs, DATABASE_BACKOFF } from '../domain/backoff.ts';
import { statement } from '../sql/sql-file.ts';
import type { Database } from './database.ts';
import { isWorthWaitingFor } from './error-codes.ts';
import { MigrationLockedError, migrate, requireCurrentSchema, SchemaError } from './migrate.ts';

/** Checks can be recorded for this long without a worker that creates partitions */
const PARTITION_DAYS_AHEAD = 7;

/** How a database is prepared for checking. */
/** Row security may hide targets or their schedule. Slots of hidden targets would be neither checks nor gaps. */
export class RowSecurityError extends Error {
  override readonly name = 'RowSecurityError';
}

/** How `prepareDatabase` waits, and what it may do. */
export interface PrepareSettings {
  /** False: refuses a schema that is not current instead of migrating it */
  readonly migrate: boolean;
  /** Called before each retry while the database cannot be reached; `attempt` is 1 for the first */
  readonly onWaiting: (error: unknown, attempt: number) => void;
}

/**
 * Waits for the database for as long as it takes, since containers start in any order. Then migrates the
 * schema and creates partitions.
 *
 * @returns the names of the migrations applied
 * @throws SchemaError, RowSecurityError, or the server's error if waiting is of no use (a wrong password, no
 * such database)
 */
export const prepareDatabase = (database: Database, settings: PrepareSettings): Promise<readonly string[]> =>
  firstValueFrom(whenPrepared(database, settings));

/** `prepareDatabase` as an Observable: unsubscribing stops the waiting. */
export const whenPrepared = (database: Database, settings: PrepareSettings): Observable<readonly string[]> =>
  defer(async () => {
    const applied = settings.migrate ? await migrate(database) : await requireCurrentSchema(database);
    await refuseRowSecurity(database);
    await ensurePartitions(database);
    return applied;
  }).pipe(waiting(settings.onWaiting));

/** Tries again for as long as the database cannot be reached; errors where waiting is of no use. */
export const waiting = <T>(onWaiting: PrepareSettings['onWaiting']): MonoTypeOperatorFunction<T> =>
  retry({
    delay: (error, attempt) => {
      const isTemporary = error instanceof MigrationLockedError || isWorthWaitingFor(error);
      if (error instanceof SchemaError || !isTemporary) throw error;
      onWaiting(error, attempt);
      return timer(backoffMs(DATABASE_BACKOFF, attempt, Math.random()));
    },
  });

/** Creates the partitions of the coming days. Idempotent; repeat it daily. */
export const ensurePartitions = async (database: Database): Promise<void> => {
  await database.query(statement('ensure-partitions'), [PARTITION_DAYS_AHEAD]);
};

/** @throws RowSecurityError */
async function refuseRowSecurity(database: Database): Promise<void> {
  const hidden = await database.query<{ name: string }>(statement('hidden-tables'));
  if (hidden.length === 0) return;
  const names = hidden.map(({ name }) => name).join(', ');
  throw new RowSecurityError(
    `row security applies to ${names}, so some targets may be hidden from this role: give the role BYPASSRLS, or disable row security on the table`,
  );
}
