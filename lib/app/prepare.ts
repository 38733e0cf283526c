import { type Observable, switchMap } from 'rxjs';
import type { Database } from '../postgres/database.ts';
import { whenPrepared } from '../postgres/prepare-database.ts';
import { addTargets, type NewTargets } from '../postgres/targets/add-targets.ts';
import type { Reporter } from './reporter.ts';

export interface PrepareSettings {
  /** False: refuse a schema that is not current instead of changing it */
  readonly migrate: boolean;
  /** Added before the first check, or changed where they are known */
  readonly websites: readonly NewTargets[];
}

/**
 * Waits for the database, brings its schema up to date, and adds the websites. Emits once, when that is done.
 *
 * Errors where waiting is of no use: a SchemaError, or what PostgreSQL refuses for good.
 */
export const prepare = (
  database: Database,
  { migrate, websites }: PrepareSettings,
  report: Reporter,
): Observable<void> =>
  whenPrepared(database, { migrate, onWaiting: report.waiting }).pipe(
    switchMap(async applied => {
      applied.forEach(report.migrated);
      for (const targets of websites) (await addTargets(database, targets)).forEach(report.targetAdded);
    }),
  );
