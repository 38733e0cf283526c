/** HTTP statuses from the first to the second, both included. */
export type StatusRange = readonly [first: number, last: number];

const RANGE = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/;

/** Reads statuses and ranges of them, such as `200-299,401`; null where they are none. */
export function parseStatusRanges(text: string): readonly StatusRange[] | null {
  const ranges: StatusRange[] = [];
  for (const part of text.replaceAll(' ', '').split(',')) {
    const [, first, last = first] = RANGE.exec(part) ?? [];
    if (first === undefined || Number(first) > Number(last)) return null;
    ranges.push([Number(first), Number(last)]);
  }
  return ranges;
}

export const isInRanges = (status: number, ranges: readonly StatusRange[]): boolean =>
  ranges.some(([first, last]) => first <= status && status <= last);

/** As `parseStatusRanges` reads it. */
export const statusRangesText = (ranges: readonly StatusRange[]): string =>
  ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
