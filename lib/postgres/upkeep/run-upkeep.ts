import {
  connect,
  EMPTY,
  endWith,
  filter,
  ignoreElements,
  merge,
  type Observable,
  takeUntil,
  tap,
} from 'rxjs';
import type { Recorded } from '../../checking/ports.ts';
import type { Database } from '../database.ts';
import { type ConditionSettings, keepConditions } from './keep-conditions.ts';
import { keepPartitions } from './keep-partitions.ts';
import { recordObservations } from './record-observations.ts';
import { recordStates } from './record-states.ts';
import { rollUp } from './roll-up.ts';

export interface UpkeepSettings {
  /** How long results, failures and gaps are kept */
  readonly retentionDays: number;
  readonly monotonicMs: () => number;
  /** `what` describes the failure, for the log. The work is retried, or another worker does it */
  readonly onTrouble: (what: string, error: unknown) => void;
  /** Null leaves alerts to other workers */
  readonly conditions: ConditionSettings | null;
  /** Emits when something else happens than recording: wake-ups, deliveries */
  readonly happening: Observable<unknown>;
  /** Called with the number of old partitions dropped */
  readonly onDropped?: (count: number) => void;
}

/**
 * Does the recurring database work while a worker records: records certificates and pattern problems, keeps
 * conditions, rolls checks up, counts maintenance, creates and drops partitions. Emits nothing and completes with the source.
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
  const states = recordStates(database, trouble('slow or unknown targets could not be recorded'));
  const conditions =
    settings.conditions &&
    keepConditions(database, {
      ...settings.conditions,
      retentionDays,
      onTrouble: trouble('conditions could not be kept up to date; retrying later'),
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
      connect(source => {
        const ended = source.pipe(ignoreElements(), endWith(null));
        const happening = merge(source, settings.happening.pipe(takeUntil(ended)));
        return merge(
          observations(source),
          states(source),
          rollups(source),
          conditions ? happening.pipe(conditions) : EMPTY,
          partitions.pipe(takeUntil(ended)),
        );
      }),
    );
}
