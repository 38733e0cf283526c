const MINUTE_MS = 60_000;

/**
 * Counts events that must not flood the log.
 *
 * @returns counts one event. Returns how many to report: all since the last report, or 0 if that was less than a
 * minute ago
 */
export function countEachMinute(monotonicMs: () => number = () => performance.now()): () => number {
  let count = 0;
  let quietUntilMs = 0;
  return () => {
    count += 1;
    if (monotonicMs() < quietUntilMs) return 0;
    const reported = count;
    count = 0;
    quietUntilMs = monotonicMs() + MINUTE_MS;
    return reported;
  };
}
