import type { Sent } from './channel.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** After the first failure in a row, the second, and so on; then as the last. */
const PAUSES_MS = [5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 5 * MINUTE_MS] as const;

/** Longest pause that a receiver may ask for */
const RETRY_AFTER_MS_MAX = 60 * MINUTE_MS;

/**
 * Returns how long to send nothing to a channel after attempts that failed, in milliseconds: 5 s, 30 s, 2 min, then
 * 5 min, spread by ±10 % so that channels that failed together do not come back in step; longer if the receiver asks.
 *
 * @param failuresBefore failures in a row before these; 0 is the first
 * @param random in [0, 1); an argument so that tests can choose it
 */
export function retryPauseMs(failuresBefore: number, sent: readonly Sent[], random: number): number {
  const asked = sent.map(one => (one.kind === 'failed' ? (one.retryAfterMs ?? 0) : 0));
  const pauseMs = PAUSES_MS[failuresBefore] ?? PAUSES_MS[PAUSES_MS.length - 1] ?? 0;
  return Math.max(pauseMs * (0.9 + 0.2 * random), Math.min(Math.max(...asked), RETRY_AFTER_MS_MAX));
}
