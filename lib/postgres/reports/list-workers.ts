import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';

/** A line of the JSON of `workers`. */
export interface ListedWorker {
  readonly name: string;
  readonly version: string;
  readonly startedAt: string;
  readonly seenAt: string;
  /** It was not seen for a minute: it is gone, or cannot reach the database */
  readonly isStale: boolean;
  readonly upS: number;
  readonly seenAgoS: number;
  /** The worst of the last minute */
  readonly lagMs: number;
  readonly running: number;
  readonly places: number;
  readonly slow: number;
  readonly slowPlaces: number;
  /** In the last minute */
  readonly targetsKnown: number;
  readonly targetsDown: number;
}

export const listWorkers = (database: Database): Promise<ListedWorker[]> =>
  database.query<ListedWorker & Record<string, unknown>>(statement('list-workers'));
