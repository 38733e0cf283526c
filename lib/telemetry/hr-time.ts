import type { HrTime } from '@opentelemetry/api';

/**
 * Milliseconds since 1970 as OpenTelemetry's seconds and nanoseconds. A plain number will not do: one from
 * before the process began it takes for `performance.now()`, and the database's clock may be behind ours.
 */
export function hrTime(epochMs: number): HrTime {
  const seconds = Math.floor(epochMs / 1_000);
  return [seconds, Math.min(999_999_999, Math.round((epochMs - seconds * 1_000) * 1e6))];
}
