import { catchError, defer, EMPTY, map } from 'rxjs';
import type { ChangedTarget, Ports } from '../../checking/ports.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';

/** Looks up running checks' targets by key. A look that fails is reported, not repeated: the next wake-up looks again. */
export function findChanged(
  database: Database,
  onTrouble: (error: unknown, attempt: number) => void,
): NonNullable<Ports['findChanged']> {
  const text = statement('find-changed-targets');
  return running =>
    defer(() =>
      database.query<ChangedRow>(
        text,
        [running.map(({ target }) => target.id), running.map(({ target }) => target.version)],
        'website_monitor.find_changed',
      ),
    ).pipe(
      map(rows => rows.map(({ target_id: targetId, version, change }) => ({ targetId, version, change }))),
      catchError(error => {
        onTrouble(error, 1);
        return EMPTY;
      }),
    );
}

interface ChangedRow extends Record<string, unknown> {
  readonly target_id: string;
  readonly version: number;
  readonly change: ChangedTarget['change'];
}
