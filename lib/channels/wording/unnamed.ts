import type { Count, Message, Told } from '../../alerting/message.ts';
import { causeName } from './cause-name.ts';
import { groupTitle } from './group-title.ts';

/** Longest list of causes; the rest is a sum. */
const CAUSES_MAX = 6;

/** Counts the alerts that a message does not name, by cause; null if it names all. */
export function unnamed({ told, counts }: Pick<Message, 'told' | 'counts'>, namedMax: number): string | null {
  const named = told.slice(0, namedMax);
  const left = counts
    .map(count => ({ ...count, count: count.count - named.filter(one => isSame(one, count)).length }))
    .filter(({ count }) => count > 0)
    .sort((one, other) => other.count - one.count);
  if (left.length === 0) return null;
  const shown = left.slice(0, CAUSES_MAX);
  const rest = left.slice(CAUSES_MAX).reduce((sum, { count }) => sum + count, 0);
  const clauses = [...shown.map(clause), ...(rest > 0 ? [`${rest} for other causes`] : [])];
  return `And ${clauses.join('; ')}.`;
}

const isSame = (told: Told, count: Count): boolean =>
  told.news === count.news &&
  told.kind === count.kind &&
  told.cause === count.cause &&
  told.ending === count.ending;

const clause = (count: Count): string => {
  const says = groupTitle({ counts: [count] }).replace(/^(\d+)/, '$1 more');
  return count.news === 'resolved' ? says : `${says} (${causeName(count.cause)})`;
};
