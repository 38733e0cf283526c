import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';
import { findSpellings } from './find-spellings.ts';

/** Selects targets that match a name, if any is given, and have all of the labels. */
export interface Selected {
  /** Null selects by labels only */
  readonly names: {
    readonly ids: readonly string[];
    readonly keys: readonly string[];
    /** In their normal form; targets match in any spelling */
    readonly urls: readonly string[];
  } | null;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Edited extends Record<string, unknown> {
  readonly id: string;
  readonly key: string | null;
  readonly name: string | null;
  readonly method: string;
  readonly url: string;
  /** False if nothing had to change */
  readonly changed: boolean;
}

async function parameters(database: Database, { names, labels }: Selected): Promise<unknown[]> {
  const urls = names?.urls ?? [];
  const spellingsOf = await findSpellings(database.query, urls);
  return [
    names?.ids ?? null,
    names?.keys ?? null,
    names && urls.flatMap(spellingsOf),
    JSON.stringify(labels),
  ];
}

export const removeTargets = async (database: Database, selected: Selected): Promise<Edited[]> =>
  database.query<Edited>(statement('remove-targets'), await parameters(database, selected));

export const switchTargets = async (
  database: Database,
  selected: Selected,
  enabled: boolean,
): Promise<Edited[]> =>
  database.query<Edited>(statement('switch-targets'), [...(await parameters(database, selected)), enabled]);
