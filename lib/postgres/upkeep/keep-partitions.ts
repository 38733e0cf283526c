import { catchError, defer, EMPTY, exhaustMap, type Observable, timer } from 'rxjs';
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
 */
export function keepPartitions(database: Database, settings: KeepSettings): Observable<number> {
  const { retentionDays, onTrouble, everyMs = 3_600_000 } = settings;
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
