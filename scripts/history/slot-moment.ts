/**
 * A slot in microseconds since 1970, exactly. A `Date` would lose the microseconds of a slot's key.
 *
 * @param scheduledAt in PostgreSQL's notation, from JSON or text
 * @throws RangeError if it is not a timestamp
 */
export function toMicroseconds(scheduledAt: string): number {
  const milliseconds = Date.parse(scheduledAt);
  if (Number.isNaN(milliseconds)) throw new RangeError(`a slot must be a timestamp, not ${scheduledAt}`);
  const [, fraction = ''] = /\.(\d+)/.exec(scheduledAt) ?? [];
  return milliseconds * 1_000 + Number(fraction.padEnd(6, '0').slice(3, 6));
}

/** Human-readable, in UTC. */
export function fromMicroseconds(microseconds: number): string {
  const belowMilliseconds = microseconds % 1_000;
  const iso = new Date((microseconds - belowMilliseconds) / 1_000).toISOString();
  return iso.replace('Z', `${String(belowMilliseconds).padStart(3, '0')}Z`);
}
