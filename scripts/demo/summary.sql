-- Reads what the demo shows.
--
-- Parameters: $1 float8   period of rates and distributions, in seconds
--             $2 integer  how many of the slowest targets
-- Returns one row: checks, checks_per_second, up, down, unknown, unchecked (targets, by their newest
--             check), lag_p50_ms, lag_p99_ms (null = no check), slots_missed, slowest json
WITH newest AS MATERIALIZED (
  SELECT target.url, result.outcome, result.cause, result.total_us
  FROM website_monitor.monitored_targets AS target
  LEFT JOIN LATERAL (
    SELECT outcome, cause, total_us FROM website_monitor.check_results
    WHERE target_id = target.id ORDER BY scheduled_at DESC LIMIT 1
  ) AS result ON true
),
recent AS MATERIALIZED (
  SELECT extract(epoch FROM started_at - scheduled_at) * 1000 AS lag_ms
  FROM website_monitor.check_results
  WHERE scheduled_at > now() - interval '1 day' -- limits the partitions to read
    AND started_at + total_us * interval '1 us' > now() - $1::float8 * interval '1 s'
),
-- Shorter than requested while the targets are younger
span AS (
  SELECT least($1::float8, extract(epoch FROM now() - min(created_at)))::float8 AS seconds
  FROM website_monitor.monitored_targets
),
slowest AS (
  SELECT url, outcome, cause, total_us FROM newest
  WHERE outcome IS NOT NULL ORDER BY total_us DESC, url LIMIT $2
)
SELECT
  (SELECT count(*) FROM website_monitor.check_results)::float8 AS checks,
  (SELECT count(*) FROM recent) / (SELECT seconds FROM span) AS checks_per_second,
  (SELECT count(*) FROM newest WHERE outcome = 'up')::float8 AS up,
  (SELECT count(*) FROM newest WHERE outcome = 'down')::float8 AS down,
  (SELECT count(*) FROM newest WHERE outcome = 'unknown')::float8 AS unknown,
  (SELECT count(*) FROM newest WHERE outcome IS NULL)::float8 AS unchecked,
  (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY lag_ms) FROM recent)::float8 AS lag_p50_ms,
  (SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY lag_ms) FROM recent)::float8 AS lag_p99_ms,
  (SELECT coalesce(sum(slots), 0) FROM website_monitor.check_gaps)::float8 AS slots_missed,
  (SELECT coalesce(json_agg(json_build_object(
    'url', url, 'outcome', outcome, 'cause', cause, 'totalMs', total_us / 1000.0) ORDER BY total_us DESC), '[]')
    FROM slowest) AS slowest
