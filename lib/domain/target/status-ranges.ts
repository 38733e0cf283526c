/** A range of HTTP statuses, both ends included. */
export type StatusRange = readonly [first: number, last: number];

const RANGE = /^([1-9]\d\d)(?:-([1-9]\d\d))?$/;

/** Parses statuses and ranges such as `200-299,401`. Returns null if `text` is not valid. */
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

/** The inverse of `parseStatusRanges`. */
export const statusRangesText = (ranges: readonly StatusRange[]): string =>
  ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
