import { catchError, defer, EMPTY, exhaustMap, type Observable, timer } from 'rxjs';
import { SETTING_LIMITS } from '../../domain/setting-limits.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';
import { ensurePartitions } from '../prepare-database.ts';

/** How long history is kept. */
export interface KeepSettings {
  /** How long results, failures and gaps are kept; rollups have limits of their own */
  readonly retentionDays: number;
  readonly onTrouble: (error: unknown) => void;
  /** Default 1 hour */
  readonly everyMs?: number | undefined;
}

/**
 * Creates partitions ahead of time and drops old ones, at once and then every hour. Any number of workers
 * may do so. Emits how many it dropped, and never completes. A failure is reported and retried next time.
 *
 * @throws RangeError if `retentionDays` is invalid: too small a number would drop all history
 */
export function keepPartitions(database: Database, settings: KeepSettings): Observable<number> {
  const { retentionDays, onTrouble, everyMs = 3_600_000 } = settings;
  const { min, max } = SETTING_LIMITS.retentionDays;
  if (!Number.isInteger(retentionDays) || retentionDays < min || retentionDays > max)
    throw new RangeError(`retentionDays: must be a whole number from ${min} to ${max}`);
  return timer(0, everyMs).pipe(
    exhaustMap(() =>
      defer(async () => {
        await ensurePartitions(database);
        return dropOldPartitions(database, retentionDays);
      }).pipe(
        catchError(error => {
          onTrouble(error);
          return EMPTY;
        }),
      ),
    ),
  );
}

/** Drops one per statement, so that a worker that records waits for one at most. */
async function dropOldPartitions(database: Database, retentionDays: number): Promise<number> {
  const text = statement('drop-old-partition');
  for (let count = 0; ; count++) {
    const [row] = await database.query<{ dropped: boolean }>(text, [retentionDays]);
    if (!row?.dropped) return count;
  }
}
