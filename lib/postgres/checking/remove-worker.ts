import { catchError, defer, EMPTY, ignoreElements, type Observable, timeout } from 'rxjs';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';

/** A stop must not wait for a database that does not answer: upkeep removes the row too, a day later. */
const REMOVE_MS_MAX = 1_000;

/** Removes the row of a worker that has stopped. Emits nothing and never errors. */
export const removeWorker = (database: Database, instanceId: string): Observable<never> =>
  defer(() => database.query(statement('remove-worker'), [instanceId])).pipe(
    timeout(REMOVE_MS_MAX),
    ignoreElements(),
    catchError(() => EMPTY),
  );
