import { connect, endWith, filter, ignoreElements, merge, type Observable, takeUntil, tap } from 'rxjs';
import type { Recorded } from '../../checking/ports.ts';
import type { Database } from '../database.ts';
import { keepPartitions } from './keep-partitions.ts';
import { recordObservations } from './record-observations.ts';
import { rollUp } from './roll-up.ts';

export interface UpkeepSettings {
  /** How long results, failures and gaps are kept */
  readonly retentionDays: number;
  readonly monotonicMs: () => number;
  /** `what` describes the failure, for the log. The work is retried, or another worker does it */
  readonly onTrouble: (what: string, error: unknown) => void;
  /** Called with the number of old partitions dropped */
  readonly onDropped?: (count: number) => void;
}

/**
 * Does the recurring database work while a worker records: records certificates and pattern problems, rolls
 * checks up, counts maintenance, creates and drops partitions. Emits nothing and completes with the source.
 */
export function runUpkeep(database: Database, settings: UpkeepSettings) {
  const { retentionDays, monotonicMs, onDropped = () => {} } = settings;
  const trouble = (what: string) => (error: unknown) => settings.onTrouble(what, error);
  const observations = recordObservations(database, {
    onTrouble: trouble('certificates or patterns could not be recorded'),
    monotonicMs,
  });
  const rollups = rollUp(database, {
    onTrouble: trouble('checks could not be rolled up; retrying later'),
    onMaintenanceTrouble: trouble('slots in maintenance could not be counted; retrying later'),
  });
  const partitions = keepPartitions(database, {
    retentionDays,
    onTrouble: trouble('partitions could not be created or dropped; retrying in an hour'),
  }).pipe(
    filter(count => count > 0),
    tap(onDropped),
    ignoreElements(),
  );

  return (recorded: Observable<Recorded>): Observable<never> =>
    recorded.pipe(
      connect(source =>
        merge(
          observations(source),
          rollups(source),
          partitions.pipe(takeUntil(source.pipe(ignoreElements(), endWith(null)))),
        ),
      ),
    );
}
