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

/**
 * Returns a function whose every call reads the checks recorded since the last; the first reads two minutes.
 */
export function followResults(
  database: Database,
  { urlPart, outcomes, causes, withLabels = {} }: Wanted,
): () => Promise<readonly RecordedCheck[]> {
  const text = statement('tail-results');
  let snapshot: string | null = null;
  return async () => {
    const [row] = await database.query<{ snapshot: string; checks: readonly RecordedCheck[] }>(text, [
      snapshot,
      urlPart,
      outcomes,
      causes,
      JSON.stringify(withLabels),
    ]);
    if (!row) throw new Error('tail-results.sql returned no row');
    snapshot = row.snapshot;
    return row.checks;
  };
}
