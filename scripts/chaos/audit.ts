import type { Query } from '../../lib/postgres/database.ts';
import { sqlText } from './scene.ts';
import type { CountingWebsite } from './website.ts';

/** The result of a run, as `audit.sql` returns it. */
export interface Audit {
  readonly slots_due: number;
  readonly recorded: number;
  readonly in_gaps: number;
  /** Neither recorded nor in a gap */
  readonly unaccounted: number;
  /** Both recorded and in a gap, or in two gaps */
  readonly accounted_twice: number;
  /** Slots with more than one row */
  readonly duplicates: number;
  /** Schedules whose first slot is neither at once nor the next on the grid */
  readonly begun_wrongly: number;
  /** Checks of slots that the schedule does not have */
  readonly never_due: number;
  /** Gaps whose number of slots differs from the slots that fell due in them */
  readonly gaps_miscounted: number;
  readonly up: number;
  readonly down: number;
  readonly unknown: number;
  /** Down because the website took the request but answered late, as happens on a starved machine */
  readonly late_downs: number;
  /** Other results, down or up, that the website did not cause */
  readonly false_downs: number;
  readonly false_ups: number;
  /** Counted by the website */
  readonly requests: number;
  /** Requests beyond one per recorded check */
  readonly requests_beyond: number;
  /** Those of them that neither an expired lease of the target nor a check without an answer explains */
  readonly requests_unexplained: number;
  /** Answers recorded that the website never gave */
  readonly checks_without_request: number;
  /** Longest time without a check of a target, minus its interval; null = no target */
  readonly unobserved_max_ms: number | null;
  /** Start of a check minus its slot; null = no check */
  readonly lag_p50_ms: number | null;
  readonly lag_p99_ms: number | null;
  readonly lag_max_ms: number | null;
}

export interface Example {
  readonly trouble: string;
  readonly example: string;
}

/**
 * Compares what should have happened before `horizon` with the tables and with the website's requests.
 * Call it once, when no worker runs any more.
 */
export async function audit(
  query: Query,
  horizon: Date,
  { requests }: Pick<CountingWebsite, 'requests'>,
): Promise<{ audit: Audit; examples: readonly Example[] }> {
  await query(sqlText('note-requests'), [
    requests.map(({ url }) => url),
    requests.map(({ atMs }) => atMs),
    requests.map(({ answer }) => answer?.atMs ?? null),
  ]);
  await query(sqlText('due-slots'), [horizon]);
  await query(sqlText('audit-views'));
  const [row] = await query<Audit & Record<string, unknown>>(sqlText('audit'));
  if (!row) throw new Error('audit.sql returned no row');
  return {
    audit: row,
    examples: await query<Example & Record<string, unknown>>(sqlText('examples')),
  };
}

/** What must be zero, by name */
const MUST_BE_NONE = {
  unaccounted: 'slots are neither recorded nor in a gap',
  accounted_twice: 'slots are accounted for twice',
  duplicates: 'slots have more than one row',
  begun_wrongly: 'schedules began neither at once nor on the grid',
  never_due: 'checks are of slots that never fell due',
  gaps_miscounted: 'gaps say a wrong number of slots',
  false_downs: 'downs were not the website’s',
  false_ups: 'ups were not the website’s',
  requests_unexplained: 'requests beyond one per check were not due to an expired lease',
  checks_without_request: 'recorded answers were never given',
} as const satisfies Partial<Record<keyof Audit, string>>;

/** Empty when every promise was kept. */
export const breachesOf = (audit: Audit): string[] => {
  const broken = (Object.keys(MUST_BE_NONE) as (keyof typeof MUST_BE_NONE)[])
    .filter(trouble => audit[trouble] !== 0)
    .map(trouble => `${audit[trouble]} ${MUST_BE_NONE[trouble]} (${trouble})`);
  return audit.recorded === 0 ? ['nothing was recorded', ...broken] : broken;
};
