-- Reports how many of the small creator's slots were checked, and how late. Its targets are inserted first, and have one
-- slot every 10 s.
--
-- Parameters: $1 integer      how many targets it has
--             $2 timestamptz  slots from here   $3 integer  … for so many rounds of 10 s
-- Returns one row: "checks kept, %", "slots in gaps", lags in ms, and checks per second of everybody else
WITH period AS (
  SELECT $2::timestamptz AS since, $2::timestamptz + $3 * interval '10 s' AS until
),
result AS (
  SELECT target_id <= $1 AS is_small, extract(epoch FROM started_at - scheduled_at) * 1000 AS lag_ms
  FROM website_monitor.check_results, period
  WHERE scheduled_at >= since AND scheduled_at < until
)
SELECT 100.0 * count(*) FILTER (WHERE is_small) / ($1 * $3) AS "checks kept, %",
  (SELECT coalesce(sum(slots), 0) FROM website_monitor.check_gaps, period
   WHERE target_id <= $1 AND first_slot >= since AND first_slot < until) AS "slots in gaps",
  percentile_cont(0.5) WITHIN GROUP (ORDER BY lag_ms) FILTER (WHERE is_small) AS "lag p50, ms",
  percentile_cont(0.99) WITHIN GROUP (ORDER BY lag_ms) FILTER (WHERE is_small) AS "lag p99, ms",
  count(*) FILTER (WHERE NOT is_small) / (10.0 * $3) AS "checks/s of the other"
FROM result
