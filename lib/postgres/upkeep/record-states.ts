import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  mergeMap,
  type Observable,
  tap,
} from 'rxjs';
import type { Recorded } from '../../checking/ports.ts';
import type { Check } from '../../domain/check/check.ts';
import { gatherMap } from '../../operators/gather-map.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';

/** Checks in one statement */
const BATCH_MAX = 500;
const LINGER_MS = 200;
/** Checks that may wait for a statement under way. More are dropped: the next check shows the same. */
const WAITING_MAX = 5_000;

const isUnknown = ({ verdict }: Check): boolean => verdict.outcome === 'unknown';
const mayBeSlow = ({ verdict, lease }: Check): boolean =>
  verdict.outcome !== 'unknown' && lease.target.slowAboveMs !== null;

/**
 * Records which targets are unknown, and which are slow, from checks that are recorded. Emits nothing and completes with
 * the source. A failure is reported and not retried: the next check shows the same.
 */
export function recordStates(database: Database, onTrouble: (error: unknown) => void) {
  const unknownText = statement('record-unknown');
  const slowText = statement('record-slow');
  let waiting = 0;

  const recordUnknown = async (checks: readonly Check[]): Promise<void> => {
    if (checks.length > 0)
      await database.query(unknownText, [
        targetIds(checks),
        checks.map(({ lease }) => lease.slot.scheduledAt),
      ]);
  };
  const recordSlow = async (checks: readonly Check[]): Promise<void> => {
    if (checks.length > 0) await database.query(slowText, [targetIds(checks)]);
  };
  const tried = (work: () => Promise<void>): Observable<never> =>
    defer(work).pipe(
      ignoreElements(),
      catchError(error => {
        onTrouble(error);
        return EMPTY;
      }),
    );
  const record = (checks: readonly Check[]): Observable<never> => {
    waiting -= checks.length;
    return concat(
      tried(() => recordUnknown(checks.filter(isUnknown))),
      tried(() => recordSlow(checks.filter(mayBeSlow))),
    );
  };

  return (recorded: Observable<Recorded>): Observable<never> =>
    recorded.pipe(
      mergeMap(({ recorded }) => recorded),
      filter(check => waiting < WAITING_MAX && (isUnknown(check) || mayBeSlow(check))),
      tap(() => {
        waiting += 1;
      }),
      gatherMap(record, { countMax: BATCH_MAX, lingerMs: LINGER_MS }),
    );
}

const targetIds = (checks: readonly Check[]): readonly string[] => checks.map(({ lease }) => lease.target.id);
