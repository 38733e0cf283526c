const UNITS = [
  ['day', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** As people say it, with two units at most: `45 s`, `12 min`, `3 h 5 min`, `2 days 4 h`. */
export function durationText(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1_000));
  const largest = UNITS.findIndex(([, size]) => seconds >= size);
  if (largest < 0) return 'less than 1 s';
  const [unit, size] = UNITS[largest] ?? UNITS[3];
  const count = Math.floor(seconds / size);
  const next = UNITS[largest + 1];
  const rest = next === undefined ? 0 : Math.floor((seconds % size) / next[1]);
  const isPrecise = count < 10 && rest > 0; // "45 min 12 s" says no more than "45 min"
  return next !== undefined && isPrecise
    ? `${amount(count, unit)} ${amount(rest, next[0])}`
    : amount(count, unit);
}

const amount = (count: number, unit: string): string =>
  `${count} ${unit}${unit === 'day' && count !== 1 ? 's' : ''}`;

/** The duration of a phase: `12 ms`, `2.1 s`. */
export const phaseText = (durationUs: number): string =>
  durationUs < 999_500 ? `${Math.round(durationUs / 1_000)} ms` : `${(durationUs / 1e6).toFixed(1)} s`;
