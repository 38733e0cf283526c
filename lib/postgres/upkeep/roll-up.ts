import { filter, type Observable } from 'rxjs';
import type { Recorded } from '../../checking/ports.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';
import { inRounds } from './in-rounds.ts';

/** How often rollups are updated. */
export interface RollUpSettings {
  readonly onTrouble: (error: unknown) => void;
  /** Called if maintenance could not be counted. Default `onTrouble` */
  readonly onMaintenanceTrouble?: ((error: unknown) => void) | undefined;
  /** From round to round, while checks are recorded. Default 5 minutes */
  readonly everyMs?: number | undefined;
  /** From statement to statement within a round. Default 1 second, about as long as a statement takes */
  readonly breatherMs?: number | undefined;
}

/**
 * Rolls recorded checks up by minute, hour, day and month, then counts the slots of maintenance that has
 * ended, which needs the rollups. See `inRounds` for when, and for failures.
 */
export function rollUp(
  database: Database,
  settings: RollUpSettings,
): (recorded: Observable<Recorded>) => Observable<never> {
  const { onTrouble, onMaintenanceTrouble = onTrouble, everyMs = 300_000, breatherMs = 1_000 } = settings;
  const works = [
    { text: statement('roll-up'), onTrouble },
    { text: statement('count-maintenance'), onTrouble: onMaintenanceTrouble },
  ];
  const rounds = inRounds(database, works, { everyMs, breatherMs });
  return recorded =>
    recorded.pipe(
      filter(({ recorded }) => recorded.length > 0),
      rounds,
    );
}
