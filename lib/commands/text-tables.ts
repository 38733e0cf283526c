/** Formats a table. Each column is as wide as its widest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map(row => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [head, ...rows].map(cells => `  ${line(cells)}\n`).join('');
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
] as const;

/** Formats seconds in the largest unit that divides them, in the syntax of `--every`. */
export function durationText(seconds: number): string {
  const unit = UNITS.find(([, length]) => seconds >= length && seconds % length === 0);
  return unit ? `${seconds / unit[1]}${unit[0]}` : `${seconds}s`;
}

/** Formats seconds roughly: `3 d 4 h`, `12 min`, `8 s`. */
export function agoText(seconds: number): string {
  const [days, hours, minutes] = [86_400, 3_600, 60].map(length => Math.floor(seconds / length));
  if (days) return `${days} d ${(hours ?? 0) % 24} h`;
  if (hours) return `${hours} h ${(minutes ?? 0) % 60} min`;
  return minutes ? `${minutes} min` : `${Math.max(0, Math.round(seconds))} s`;
}

/** `2026-01-31 22:00:05Z` */
export const timeText = (at: string | Date): string =>
  `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`;

/** `12,345` */
export const countText = (count: number): string => count.toLocaleString('en-US');
