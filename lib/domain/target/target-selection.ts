/** Selects the targets that a query asks for. */
export interface TargetSelection {
  /** Ranges of ids, both ends included, sorted and without overlap. Ids are text: a number could lose digits */
  readonly ranges: readonly { readonly first: string; readonly last: string }[];
  /** Selects only targets that are down */
  readonly onlyDown: boolean;
}

const EVERY = { first: 0n, last: 2n ** 63n - 1n };

/**
 * Parses a query such as `id=7&id=100-199&only=down`. An empty query selects every target.
 *
 * @returns the selection, or the text of the rule that the query breaks
 */
export function parseSelection(query: URLSearchParams): TargetSelection | string {
  const unknownKey = [...query.keys()].find(key => key !== 'id' && key !== 'only');
  if (unknownKey !== undefined)
    return 'use only the parameters id and only, as in ?id=7&id=100-199&only=down';
  if (query.getAll('only').some(word => word !== 'down')) return 'only must be down';
  const ids = query.getAll('id');
  const ranges = ids.length === 0 ? [EVERY] : ids.map(parseRange);
  if (!ranges.every(range => range !== null)) return 'id must be like 7 or 100-199';
  return { ranges: merge(ranges).map(toTexts), onlyDown: query.has('only') };
}

interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

function parseRange(text: string): Range | null {
  const [, first = '', last = first] = /^(\d{1,19})(?:-(\d{1,19}))?$/.exec(text) ?? [];
  if (first === '') return null;
  const range = { first: BigInt(first), last: BigInt(last) };
  return range.first <= range.last && range.last <= EVERY.last ? range : null;
}

/** Merges overlapping ranges, so that no target is selected twice. */
function merge(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of ranges.toSorted((one, other) => (one.first < other.first ? -1 : 1))) {
    const before = merged.at(-1);
    if (before === undefined || range.first > before.last) merged.push(range);
    else if (range.last > before.last) merged[merged.length - 1] = { first: before.first, last: range.last };
  }
  return merged;
}

const toTexts = ({ first, last }: Range) => ({ first: String(first), last: String(last) });
