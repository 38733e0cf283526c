import { statement } from '../../sql/sql-file.ts';
import { DEFAULTS } from '../../targets/columns.ts';
import { draftProblems } from '../../targets/draft-problems.ts';
import { type Columns, columnsOf, type TargetDraft } from '../../targets/target-draft.ts';
import { websiteUrl } from '../../targets/target-rules.ts';
import type { Database } from '../database.ts';
import { findSpellings } from './find-spellings.ts';

/** Websites to add with one draft. */
export interface NewTargets {
  readonly urls: readonly string[];
  /** Applies to each URL. A missing field keeps a known target's value; a new target gets the default */
  readonly draft?: TargetDraft | undefined;
}

/** What became of one of the URLs given to `addTargets`. */
export interface Added {
  /** As it was given */
  readonly url: string;
  readonly change: 'added' | 'changed' | 'kept';
  /** If added without a key: the key of another target with the same URL and method, else null */
  readonly keyed: string | null;
}

/**
 * Adds new URLs, and applies the draft to known ones. Changes all or nothing.
 *
 * @throws RangeError that names every invalid URL and field, and never shows its value
 */
export async function addTargets(database: Database, targets: NewTargets): Promise<Added[]> {
  const problems = [
    ...targets.urls.flatMap((url, index) => {
      const problem = websiteUrl.safeParse(url).error?.issues[0]?.message;
      return problem === undefined ? [] : [`urls[${index}]: ${problem}`];
    }),
    ...draftProblems(targets.draft ?? {}).map(problem => `draft.${problem}`),
  ];
  if (problems.length > 0) throw new RangeError(problems.join('; '));
  return addAllTargets(database, [targets]);
}

/** `addTargets` for several drafts in one transaction. They must be valid. */
export const addAllTargets = (database: Database, all: readonly NewTargets[]): Promise<Added[]> =>
  database.transaction(async query => {
    await query(statement('advisory-lock'), ['add targets']);
    const added: Added[] = [];
    for (const batch of batches(all.flatMap(givenTargets))) {
      const spellingsOf = await findSpellings(
        query,
        batch.map(({ columns }) => columns.url),
      );
      const given = JSON.stringify(
        batch.map(({ columns, givenUrl }) => ({
          columns,
          spellings: [...spellingsOf(columns.url), givenUrl],
          needs_present: false,
        })),
      );
      const rows = await query<PutRow>(statement('import-targets'), [given, JSON.stringify(DEFAULTS)]);
      for (const { place, change, keyed } of rows)
        added.push({ url: batch[place - 1]?.givenUrl ?? '', change, keyed });
    }
    return added;
  });

interface Given {
  readonly columns: Columns;
  readonly givenUrl: string;
}

interface PutRow extends Omit<Added, 'url'> {
  /** 1 = the first of the batch */
  readonly place: number;
}

const givenTargets = ({ urls, draft = {} }: NewTargets): Given[] =>
  urls.map(url => ({
    columns: { ...columnsOf(websiteUrl.parse(url), draft), enabled: true },
    givenUrl: url,
  }));

/** Most targets in a statement: adding them takes a fraction of the longest wait for an answer. */
const BATCH_MAX = 2_000;

/** Splits before a target that is in the batch already, or depends on one in it: a statement sees neither. */
function batches(all: readonly Given[]): readonly (readonly Given[])[] {
  let batch: Given[] = [];
  let names = new Set<unknown>();
  const split = [batch];
  for (const one of all) {
    const { url, method, key, depends_on: parent } = one.columns;
    const own = [`${method} ${url}`, ...(key ? [key] : [])];
    if (batch.length === BATCH_MAX || names.has(parent) || own.some(name => names.has(name))) {
      batch = [];
      names = new Set();
      split.push(batch);
    }
    batch.push(one);
    for (const name of own) names.add(name);
  }
  return split.filter(({ length }) => length > 0);
}
