import type { Database } from './database.ts';
import { statement } from './sql-file.ts';

export interface NewTargets {
  readonly urls: readonly string[];
  /** Null: leave a known target's as it is, and 60 s for a new one */
  readonly everyMs: number | null;
  /** Null: leave a known target's as it is, and none for a new one */
  readonly match: string | null;
}

/** Adds the URLs that are not there yet, and applies what was said to those that are. */
export const addTargets = (database: Database, { urls, everyMs, match }: NewTargets): Promise<Added[]> =>
  database.transaction(async query => {
    await query(statement('advisory-lock'), ['add targets']);
    const added: Added[] = [];
    for (const url of urls) {
      const every = everyMs === null ? null : `${everyMs} milliseconds`;
      const [row] = await query<Omit<Added, 'url'>>(statement('add-target'), [url, every, match]);
      if (row) added.push({ url, change: row.change });
    }
    return added;
  });

export interface Added {
  readonly url: string;
  readonly change: 'added' | 'changed' | 'kept';
}
