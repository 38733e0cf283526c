import { statement } from '../../sql/sql-file.ts';
import { DEFAULTS } from '../../targets/columns.ts';
import { columnsOf, type TargetDraft } from '../../targets/target-draft.ts';
import type { Database } from '../database.ts';

export interface NewTargets {
  readonly urls: readonly string[];
  /** Of each of them; what was not said leaves a known target's as it is, and a new one gets the default */
  readonly draft?: Partial<TargetDraft>;
}

/** Adds the URLs that are not there yet, and applies what was said to those that are. */
export const addTargets = (database: Database, { urls, draft = {} }: NewTargets): Promise<Added[]> =>
  database.transaction(async query => {
    await query(statement('advisory-lock'), ['add targets']);
    const added: Added[] = [];
    for (const url of urls) {
      // One statement each: of a bulk insert only some are checked at once.
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
  /** Of one that was added without a key: that of another target with the same url and method; null = there is none */
  readonly keyed: string | null;
}

interface PutRow extends Record<string, unknown>, Omit<Added, 'url'> {}
