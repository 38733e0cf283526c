-- Reports the checks of the healthy targets, which are inserted first.
--
-- Parameters: $1 integer      how many of the targets are healthy
--             $2 timestamptz  slots from here   $3 timestamptz  … to here
-- Returns one row: checks, "not up", "slots in gaps", lags and durations in ms
WITH healthy AS (
  SELECT *, extract(epoch FROM started_at - scheduled_at) * 1000 AS lag_ms
  FROM website_monitor.check_results
  WHERE target_id <= $1 AND scheduled_at BETWEEN $2 AND $3
)
SELECT count(*) AS "checks",
  count(*) FILTER (WHERE outcome <> 'up') AS "not up",
  (SELECT coalesce(sum(slots), 0) FROM website_monitor.check_gaps
   WHERE target_id <= $1 AND first_slot BETWEEN $2 AND $3) AS "slots in gaps",
  percentile_cont(0.5) WITHIN GROUP (ORDER BY lag_ms) AS "lag p50, ms",
  percentile_cont(0.99) WITHIN GROUP (ORDER BY lag_ms) AS "lag p99, ms",
  max(lag_ms) AS "lag max, ms",
  percentile_cont(0.99) WITHIN GROUP (ORDER BY total_us / 1000.0) AS "check p99, ms"
FROM healthy
