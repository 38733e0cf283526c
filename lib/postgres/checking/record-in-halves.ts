import { NO_PHASES } from '../../domain/check/answer.ts';
import type { Check, Skipped } from '../../domain/check/check.ts';
import type { GapReason } from '../../domain/check/skip-reason.ts';
import { describeError, isAboutTheStatement } from '../error-codes.ts';

/** A slot that becomes a gap. */
export interface Gap extends Omit<Skipped, 'reason'> {
  readonly reason: GapReason;
}

/** What one slot is recorded as. */
export type Row = Check | Gap;

/** What became of rows that the database refused as they were. */
export interface Halves<Sent> {
  /** The answers to the statements that it accepted */
  readonly sent: readonly Sent[];
  /** Rows recorded with less than they had, or not at all */
  readonly rejectedCount: number;
  /** Those of them that were checks and are no longer */
  readonly uncheckedCount: number;
}

/**
 * Sends rows in halves until a row that the database refuses is alone, and then sends less of it: a check
 * without its content, then a gap in its place. A gap that is refused although a statement without rows is
 * not has no record.
 *
 * @param send rejects where it saves nothing
 * @param reduced is told which rows were replaced, for a later retry of all rows. Keyed by the row in `rows`
 * @throws the error of the database if it would refuse any statement
 */
export async function recordInHalves<Sent>(
  rows: readonly Row[],
  send: (rows: readonly Row[]) => Promise<Sent>,
  reduced: Map<Row, Row>,
  onRefused: (error: unknown) => void,
): Promise<Halves<Sent>> {
  try {
    return { sent: [await send(rows.map(row => reduced.get(row) ?? row))], ...NONE };
  } catch (error) {
    if (!isAboutTheStatement(error)) throw error;
    const [row] = rows;
    if (row === undefined) throw error;
    const half = (part: readonly Row[]) => recordInHalves(part, send, reduced, onRefused);
    const middle = rows.length >> 1;
    if (rows.length > 1) return plus(await half(rows.slice(0, middle)), await half(rows.slice(middle)));

    const refused = reduced.get(row) ?? row;
    const less = lessOf(refused, error);
    if (less === null) {
      reduced.delete(row); // nothing was saved: if all statements are refused, it is tried as it was
      const sent = await send([]);
      onRefused(error);
      return { sent: [sent], rejectedCount: 1, uncheckedCount: row.kind === 'checked' ? 1 : 0 };
    }
    reduced.set(row, less);
    const outcome = await half(rows);
    if (refused === row) onRefused(error);
    const isUnchecked = refused.kind === 'checked' && less.kind === 'skipped' && outcome.rejectedCount === 0;
    return {
      sent: outcome.sent,
      rejectedCount: 1,
      uncheckedCount: outcome.uncheckedCount + (isUnchecked ? 1 : 0),
    };
  }
}

const NONE = { rejectedCount: 0, uncheckedCount: 0 };

const plus = <Sent>(one: Halves<Sent>, other: Halves<Sent>): Halves<Sent> => ({
  sent: [...one.sent, ...other.sent],
  rejectedCount: one.rejectedCount + other.rejectedCount,
  uncheckedCount: one.uncheckedCount + other.uncheckedCount,
});

/** What to record of a refused row next: a check without its content, then a gap; null after that. */
function lessOf(row: Row, error: unknown): Row | null {
  if (row.kind === 'skipped') return null;
  const hasContent = row.lease.target.url !== '';
  return hasContent
    ? withoutContent(row, error)
    : { kind: 'skipped', lease: row.lease, reason: 'record_refused' };
}

const withoutContent = (check: Check, error: unknown): Check => ({
  ...check,
  verdict: {
    outcome: 'unknown',
    cause: 'internal_error',
    detail: `the result could not be recorded: ${describeError(error)}`,
  },
  httpStatus: null,
  phases: { ...NO_PHASES, totalUs: 0 },
  lease: { ...check.lease, target: { ...check.lease.target, url: '', headers: {}, pattern: null } },
});
