import pg from 'pg';
import { statement } from '../../sql/sql-file.ts';
import { DEFAULTS } from '../../targets/columns.ts';
import type { GivenTarget } from '../../targets/read-target.ts';
import type { Database, Query } from '../database.ts';
import { isAboutTheData } from '../error-codes.ts';
import { findSpellings } from './find-spellings.ts';

export type Imported =
  | { readonly change: 'added' | 'changed' | 'kept' }
  /** The reason completes "line 7: …" */
  | { readonly change: 'refused'; readonly reason: string };

export interface ImportSettings {
  /** Targets that the same import has added before; above a limit, new targets wait for their grid points */
  readonly addedBefore: number;
  /** Reports what would happen, and changes nothing */
  readonly dryRun: boolean;
}

/**
 * Adds or changes targets in one transaction. If the database refuses one, halves the batch until only that
 * target is refused.
 *
 * @param batch keys are unique, and so are URL and method; no target depends on another of the batch
 * @returns the result for each target, in order
 */
export async function importTargets(
  database: Database,
  batch: readonly GivenTarget[],
  settings: ImportSettings,
): Promise<readonly Imported[]> {
  if (batch.length === 0) return [];
  try {
    return await importAll(database, batch, settings);
  } catch (error) {
    if (!isAboutTheData(error)) throw error;
    if (batch.length === 1) return [{ change: 'refused', reason: reasonOf(error) }];
    const half = Math.ceil(batch.length / 2);
    const first = await importTargets(database, batch.slice(0, half), settings);
    return [...first, ...(await importTargets(database, batch.slice(half), settings))];
  }
}

const MISSING =
  '${kept} keeps a value in the database, but the target does not exist there: export with --with-secrets';

/** Thrown to roll back a dry run. */
class TriedError extends Error {
  readonly imported: readonly Imported[];
  constructor(imported: readonly Imported[]) {
    super('dry run, rolled back');
    this.imported = imported;
  }
}

const importAll = async (
  database: Database,
  batch: readonly GivenTarget[],
  { addedBefore, dryRun }: ImportSettings,
): Promise<readonly Imported[]> => {
  const work = async (query: Query): Promise<readonly Imported[]> => {
    await query(statement('advisory-lock'), ['add targets']);
    await query(statement('many-are-started'), [addedBefore]);
    const spellingsOf = await findSpellings(
      query,
      batch.map(({ columns }) => columns.url),
    );
    const given = batch.map(({ columns, givenUrl, needsPresent }) => ({
      columns,
      spellings: [...spellingsOf(columns.url), givenUrl],
      needs_present: needsPresent,
    }));
    const rows = await query<{ change: 'added' | 'changed' | 'kept' | 'missing' }>(
      statement('import-targets'),
      [JSON.stringify(given), JSON.stringify(DEFAULTS)],
    );
    const imported = rows.map(
      ({ change }): Imported => (change === 'missing' ? { change: 'refused', reason: MISSING } : { change }),
    );
    if (dryRun) throw new TriedError(imported);
    return imported;
  };
  try {
    return await database.transaction(work);
  } catch (error) {
    if (error instanceof TriedError) return error.imported;
    throw error;
  }
};

/** The name of a constraint of ours is a sentence that describes the problem. */
const reasonOf = (error: unknown): string => {
  if (error instanceof pg.DatabaseError && error.constraint) return error.constraint;
  return error instanceof Error ? error.message : String(error);
};
