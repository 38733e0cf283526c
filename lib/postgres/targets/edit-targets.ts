import type { Database } from '../database.ts';
import { statement } from '../sql-file.ts';

/** Targets that are there, by id or by url. */
export interface TargetNames {
  readonly ids: readonly string[];
  readonly urls: readonly string[];
}

export interface Edited {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  /** False: it was so already */
  readonly changed: boolean;
}

export const removeTargets = (database: Database, { ids, urls }: TargetNames): Promise<Edited[]> =>
  database.query<Edited & Record<string, unknown>>(statement('remove-targets'), [ids, urls]);

export const switchTargets = (
  database: Database,
  { ids, urls }: TargetNames,
  enabled: boolean,
): Promise<Edited[]> =>
  database.query<Edited & Record<string, unknown>>(statement('switch-targets'), [ids, urls, enabled]);
