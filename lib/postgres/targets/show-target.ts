import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';
import { findSpellings } from './find-spellings.ts';
import type { ListedTarget } from './read-targets.ts';

export interface ShownCheck {
  readonly scheduledAt: string;
  readonly startedAt: string;
  readonly outcome: string;
  readonly cause: string | null;
  readonly detail: string | null;
  readonly httpStatus: number | null;
  readonly totalUs: number;
}

export interface ShownIncident {
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly cause: string;
  readonly detail: string;
}

/** One target with its recent past; `found` counts the targets that fit its name. */
export interface TargetShown {
  readonly target: ListedTarget;
  readonly found: number;
  readonly checks: readonly ShownCheck[];
  readonly incidents: readonly ShownIncident[];
}

interface Name {
  readonly id?: string;
  readonly key?: string;
  /** In its normal form; targets match in any spelling, and whatever their query */
  readonly url?: string;
}

/** @returns null if there is no such target */
export async function showTarget(
  database: Database,
  { id, key, url }: Name,
  rowsMax: number,
): Promise<TargetShown | null> {
  const shownUrl = url?.replace(/[?#].*/, ''); // readers see urls without their query
  const spellingsOf = await findSpellings(database.query, shownUrl ? [shownUrl] : [], 'find-shown-spellings');
  const [past] = await database.query<Omit<TargetShown, 'target'> & { id: string }>(
    statement('show-target'),
    [id ?? null, key ?? null, shownUrl ? spellingsOf(shownUrl) : null, rowsMax],
  );
  if (past === undefined) return null;
  const before = String(BigInt(past.id) - 1n);
  const [target] = await database.query<ListedTarget>(statement('list-targets'), [before, null, '{}', 1]);
  const { found, checks, incidents } = past;
  return target?.id === past.id ? { target, found, checks, incidents } : null; // else removed meanwhile
}
