import { auditTime, type Observable } from 'rxjs';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';
import { inRounds } from './in-rounds.ts';

/** What is worth an alert besides incidents. */
export interface ConditionSettings {
  /** A certificate is told this many days before it expires, once each; empty: never */
  readonly certificateAlertDays: readonly number[];
  /** How long targets are unknown before they are told */
  readonly unknownAfterMs: number;
}

export interface KeepConditionsSettings extends ConditionSettings {
  /** How long alerts that are closed, and conditions that are over, are kept */
  readonly retentionDays: number;
  readonly onTrouble: (error: unknown) => void;
  /** From round to round, while something happens. Default 1 minute; not more often, however many workers there are */
  readonly everyMs?: number | undefined;
  /** What happens within this time is one reason for a round: at a start, several things do. Default 2 seconds */
  readonly lingerMs?: number | undefined;
  /** Default 1 second */
  readonly breatherMs?: number | undefined;
}

/** Rounds of several workers may lie a little closer together */
const SHORTER_MS = 5_000;

/** Opens and ends conditions, and removes old ones with old alerts. See `inRounds` for when, and for failures. */
export function keepConditions(
  database: Database,
  settings: KeepConditionsSettings,
): (happening: Observable<unknown>) => Observable<never> {
  const { certificateAlertDays, unknownAfterMs, retentionDays, onTrouble } = settings;
  const { everyMs = 60_000, lingerMs = 2_000, breatherMs = 1_000 } = settings;
  const works = [
    {
      text: statement('keep-conditions'),
      values: [certificateAlertDays, unknownAfterMs, Math.max(0, everyMs - SHORTER_MS)],
      onTrouble,
    },
    { text: statement('remove-old-alerts'), values: [retentionDays], onTrouble },
  ];
  const rounds = inRounds(database, works, { everyMs, breatherMs });
  return happening => happening.pipe(auditTime(lingerMs), rounds);
}
