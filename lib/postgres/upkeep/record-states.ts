import type { Check } from '../../domain/check/check.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';
import { recordNews } from './record-news.ts';

const WAITING_MAX = 5_000;

const isUnknown = ({ verdict }: Check): boolean => verdict.outcome === 'unknown';
const mayBeSlow = ({ verdict, lease }: Check): boolean =>
  verdict.outcome !== 'unknown' && lease.target.slowAboveMs !== null;

/** Records which targets are unknown, and which are slow, from checks that are recorded; see `recordNews`. */
export function recordStates(database: Database, onTrouble: (error: unknown) => void) {
  const unknownText = statement('record-unknown');
  const slowText = statement('record-slow');

  const recordUnknown = async (checks: readonly Check[]): Promise<void> => {
    const unknown = checks.filter(isUnknown);
    const slots = unknown.map(({ lease }) => lease.slot.scheduledAt);
    if (unknown.length > 0) await database.query(unknownText, [targetIds(unknown), slots]);
  };
  const recordSlow = async (checks: readonly Check[]): Promise<void> => {
    const known = checks.filter(mayBeSlow);
    if (known.length > 0) await database.query(slowText, [targetIds(known)]);
  };
  return recordNews({
    isNews: check => isUnknown(check) || mayBeSlow(check),
    works: [recordUnknown, recordSlow],
    waitingMax: WAITING_MAX,
    onTrouble,
  });
}

const targetIds = (checks: readonly Check[]): readonly string[] => checks.map(({ lease }) => lease.target.id);
