import { defer, firstValueFrom, type Observable, retry, timer } from 'rxjs';
import { backoffMs, DATABASE_BACKOFF } from '../domain/backoff.ts';
import type { Database } from './database.ts';
import { isWorthWaitingFor } from './error-codes.ts';
import { migrate, requireCurrentSchema, SchemaError } from './migrate.ts';
import { statement } from './sql-file.ts';

/** Results can go on for this long after the last worker that could make partitions has ended well */
const PARTITION_DAYS_AHEAD = 7;

export interface PrepareSettings {
  /** False: refuse a schema that is not current instead of changing it */
  readonly migrate: boolean;
  /** Told each time that the database cannot be reached yet */
  readonly onWaiting: (error: unknown, attempt: number) => void;
}

/**
 * Waits for the database as long as it takes, since containers start in any order; then brings the
 * schema up to date.
 *
 * @returns the names of the migrations applied
 * @throws SchemaError, or what the server said where waiting is of no use (a wrong password, no such database)
 */
export const prepareDatabase = (database: Database, settings: PrepareSettings): Promise<readonly string[]> =>
  firstValueFrom(whenPrepared(database, settings));

/** The same, for whoever may stop waiting: unsubscribing does. */
export const whenPrepared = (database: Database, settings: PrepareSettings): Observable<readonly string[]> =>
  defer(async () => {
    const applied = settings.migrate ? await migrate(database) : await requireCurrentSchema(database);
    await ensurePartitions(database);
    return applied;
  }).pipe(
    retry({
      delay: (error, attempt) => {
        if (error instanceof SchemaError || !isWorthWaitingFor(error)) throw error;
        settings.onWaiting(error, attempt);
        return timer(backoffMs(DATABASE_BACKOFF, attempt, Math.random()));
      },
    }),
  );

/** Makes the partitions of the days to come. To be repeated, any number of times a day. */
export const ensurePartitions = async (database: Database): Promise<void> => {
  await database.query(statement('ensure-partitions'), [PARTITION_DAYS_AHEAD]);
};
