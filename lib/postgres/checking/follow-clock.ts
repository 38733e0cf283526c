import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';

/** The database's clock was set back, and its targets are due again by the new time. */
export interface ClockSetBack {
  readonly byS: number;
  /** Targets that would have waited until the clock had caught up */
  readonly targets: number;
}

/** When a statement was sent and answered, on the monotonic clock, and what the database's clock said meanwhile. */
export interface ClockReading {
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
  readonly databaseNowMs: number;
}

interface FollowSettings {
  readonly onTrouble: (error: unknown, attempt: number) => void;
  readonly onClockSetBack?: ((setBack: ClockSetBack) => void) | undefined;
}

/** The database's clock is corrected by less than this in steps that need no answer. */
const STEP_MS_MIN = 2_000;

/** Following moves every target that waits: 3.4 s for 100,000. */
const STATEMENT_MS_MAX = 120_000;

/**
 * Notices when the database's clock is set back, and lets targets be due again at once.
 *
 * Looks once without a reading, for a clock that was set back while no worker ran. Then compares the database's
 * clock with the monotonic one. A late answer is no step: the clock is known to lie between two bounds.
 *
 * If it fails after a pass, the next pass tries again.
 */
export function followClock(database: Database, { onTrouble, onClockSetBack = () => {} }: FollowSettings) {
  let offsetMsMin: number | null = null; // of the database's clock from the monotonic one
  const follow = async (isNoticed: boolean): Promise<boolean> => {
    const [found] = await database.transaction(async query => {
      await query(statement('statement-timeout'), [String(STATEMENT_MS_MAX)]);
      return query<{ set_back_by_s: number | null; targets: number }>(
        statement('follow-clock-back'),
        [isNoticed],
        undefined,
        STATEMENT_MS_MAX,
      );
    });
    if (!found || found.set_back_by_s === null) return false; // another worker has followed it
    onClockSetBack({ byS: Math.round(found.set_back_by_s), targets: found.targets });
    return true;
  };
  return {
    /** Before the first lease pass */
    begin: async (): Promise<void> => {
      if (offsetMsMin === null) await follow(false);
    },
    /** After each lease pass. Resolves with whether targets that waited are due again */
    read: async ({ sentAtMs, answeredAtMs, databaseNowMs }: ClockReading): Promise<boolean> => {
      try {
        const isSetBack = offsetMsMin !== null && databaseNowMs - sentAtMs < offsetMsMin - STEP_MS_MIN;
        const hasFollowed = isSetBack && (await follow(true));
        offsetMsMin = databaseNowMs - answeredAtMs;
        return hasFollowed;
      } catch (error) {
        onTrouble(error, 1); // and not further, or what the pass has leased would be lost
        return false;
      }
    },
  };
}
