import { statement } from '../../sql/sql-file.ts';
import { DEFAULTS } from '../../targets/columns.ts';
import { columnsOf, type TargetDraft } from '../../targets/target-draft.ts';
import type { Database } from '../database.ts';

export interface NewTargets {
  readonly urls: readonly string[];
  /** Applies to each URL. A missing field keeps a known target's value; a new target gets the default */
  readonly draft?: TargetDraft | undefined;
}

/** Adds new URLs, and applies the draft to known ones. */
export const addTargets = (database: Database, { urls, draft = {} }: NewTargets): Promise<Added[]> =>
  database.transaction(async query => {
    await query(statement('advisory-lock'), ['add targets']);
    const added: Added[] = [];
    for (const url of urls) {
      // One statement each, because only some targets of a bulk insert are checked at once.
      const columns = { ...columnsOf(url, draft), enabled: true };
      const given = JSON.stringify([{ columns, given_url: url, needs_present: false }]);
      const [row] = await query<PutRow>(statement('import-targets'), [given, JSON.stringify(DEFAULTS)]);
      if (row) added.push({ url, change: row.change, keyed: row.keyed });
    }
    return added;
  });

export interface Added {
  readonly url: string;
  readonly change: 'added' | 'changed' | 'kept';
  /** If added without a key: the key of another target with the same URL and method, else null */
  readonly keyed: string | null;
}

interface PutRow extends Record<string, unknown>, Omit<Added, 'url'> {}
