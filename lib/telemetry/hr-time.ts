import type { HrTime } from '@opentelemetry/api';

/**
 * Converts milliseconds since 1970 to OpenTelemetry's seconds and nanoseconds. OpenTelemetry accepts a number
 * too, but reads one from before the start of the process as `performance.now()`; the database's clock may be
 * that far behind ours.
 */
export function hrTime(epochMs: number): HrTime {
  const seconds = Math.floor(epochMs / 1_000);
  return [seconds, Math.min(999_999_999, Math.round((epochMs - seconds * 1_000) * 1e6))];
}
