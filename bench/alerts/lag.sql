-- Lag of the checks from $1 to $2, in ms
SELECT count(*)::integer AS checks,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY lag_ms) AS p50, percentile_cont(0.99) WITHIN GROUP (ORDER BY lag_ms) AS p99
FROM (
  SELECT extract(epoch FROM started_at - scheduled_at)::float8 * 1000 AS lag_ms
  FROM website_monitor.check_results WHERE scheduled_at BETWEEN $1 AND $2
) AS checks
