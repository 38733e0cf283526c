import type { Phases } from '../../domain/check/answer.ts';
import type { Cause } from '../../domain/check/cause.ts';
import type { Outcome } from '../../domain/check/check.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';

/** A check as recorded. */
export interface RecordedCheck {
  readonly startedAt: string;
  readonly scheduledAt: string;
  readonly targetId: string;
  readonly key: string | null;
  readonly name: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly method: string;
  /** Without query and fragment */
  readonly url: string;
  readonly outcome: Outcome;
  readonly cause: Cause | null;
  readonly detail: string | null;
  readonly httpStatus: number | null;
  readonly regexMatch: boolean | null;
  readonly bodyCut: boolean;
  readonly rechecks: number | null;
  readonly firstCause: Cause | null;
  readonly phases: Phases;
}

/** Which checks to return; null selects all. */
export interface Wanted {
  readonly urlPart: string | null;
  readonly outcomes: readonly Outcome[] | null;
  readonly causes: readonly Cause[] | null;
  /** Targets must have all of these; default any */
  readonly withLabels?: Readonly<Record<string, string>>;
}

/** Slots are recorded within this time; later ones are not shown */
const FOLLOWED_MS = 120_000;

/** Looks back further only as long as too few checks are found: long periods are read whole. Null is everything */
const PERIODS_MS = [FOLLOWED_MS, 3_600_000, 86_400_000, null];

/**
 * Returns a function whose every call reads the checks recorded since the last; the first reads the latest
 * `firstMax`, whenever they were.
 */
export function followResults(
  database: Database,
  { urlPart, outcomes, causes, withLabels = {} }: Wanted,
  firstMax: number,
): () => Promise<readonly RecordedCheck[]> {
  const text = statement('tail-results');
  let snapshot: string | null = null;
  const read = async (periodMs: number | null, countMax: number | null) => {
    const [row] = await database.query<{ snapshot: string; checks: readonly RecordedCheck[] }>(text, [
      snapshot,
      urlPart,
      outcomes,
      causes,
      JSON.stringify(withLabels),
      periodMs,
      countMax,
    ]);
    if (!row) throw new Error('tail-results.sql returned no row');
    return row;
  };
  const readFirst = async () => {
    for (const periodMs of PERIODS_MS) {
      const found = await read(periodMs, firstMax);
      if (found.checks.length >= firstMax || periodMs === null) return found;
    }
    throw new Error('unreachable: the last period is everything');
  };
  return async () => {
    const { snapshot: next, checks } = snapshot === null ? await readFirst() : await read(FOLLOWED_MS, null);
    snapshot = next;
    return checks;
  };
}
