/** A doubling delay between attempts. */
export interface Backoff {
  /** Before the first retry */
  readonly firstMs: number;
  /** Longest delay, before it is spread */
  readonly ceilingMs: number;
}

/** For an unreachable database: back within seconds of its return, without hammering it. */
export const DATABASE_BACKOFF: Backoff = { firstMs: 100, ceilingMs: 5_000 };

/**
 * Returns the delay before retry `attempt` (1 is the first), in milliseconds.
 *
 * Doubles from `firstMs` to `ceilingMs`, then spreads by ±10 % so that workers that lost the same database
 * do not come back in step.
 *
 * @param random in [0, 1); an argument so that tests can choose it
 * @throws RangeError if `attempt` is below 1
 */
export function backoffMs({ firstMs, ceilingMs }: Backoff, attempt: number, random: number): number {
  if (attempt < 1) throw new RangeError(`attempt must be 1 or more, not ${attempt}`);
  const doubled = Math.min(ceilingMs, firstMs * 2 ** (attempt - 1));
  return doubled * (0.9 + 0.2 * random);
}
