export interface Backoff {
  readonly firstMs: number;
  readonly ceilingMs: number;
}

/** For a database that went away: soon enough to be back within seconds, rare enough not to hammer it. */
export const DATABASE_BACKOFF: Backoff = { firstMs: 100, ceilingMs: 5_000 };

/**
 * Delay before attempt `attempt` (1 is the first retry), in milliseconds.
 *
 * Doubles from `firstMs` to `ceilingMs`, then spreads by ±10 % so that workers that lost the same
 * database do not come back in step.
 *
 * @param random in [0, 1); an argument so that tests choose it
 * @throws RangeError if `attempt` is below 1
 */
export function backoffMs({ firstMs, ceilingMs }: Backoff, attempt: number, random: number): number {
  if (attempt < 1) throw new RangeError(`attempt must be 1 or more, not ${attempt}`);
  const doubled = Math.min(ceilingMs, firstMs * 2 ** (attempt - 1));
  return doubled * (0.9 + 0.2 * random);
}
