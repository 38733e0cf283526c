-- Accounts for every slot due before a moment: each target's grid from five seconds after the insert, and the first
-- check, off the grid, of targets that had one. Lags are those of grid slots.
--
-- Parameters: $1 timestamptz  the moment: checks of slots due by then have ended and are recorded
--             $2 integer      how many of every 500 targets were to be checked at once
-- Returns one row: due, recorded, in_gaps, missing, recorded_twice, lag_p50_ms, lag_p95_ms,
--             lag_p99_ms, lag_max_ms
WITH due AS MATERIALIZED (
  SELECT target.id AS target_id, slot
  FROM website_monitor.monitored_targets AS target
  JOIN website_monitor.target_leases AS lease ON lease.monitored_target_id = target.id
  CROSS JOIN LATERAL generate_series(
    date_bin(lease.check_interval, target.created_at + interval '5 s', lease.grid_origin) + lease.check_interval,
    $1, lease.check_interval) AS slot
),
fate AS MATERIALIZED (
  SELECT due.*, result.started_at,
    EXISTS (SELECT FROM website_monitor.check_gaps AS gap
      WHERE gap.target_id = due.target_id AND due.slot BETWEEN gap.first_slot AND gap.last_slot) AS is_in_gap
  FROM due
  LEFT JOIN website_monitor.check_results AS result
    ON result.target_id = due.target_id AND result.scheduled_at = due.slot
),
first_checks AS (
  SELECT (SELECT count(*) FROM website_monitor.monitored_targets WHERE (id - 1) % 500 < $2::integer) AS due,
    count(*) FILTER (WHERE is_recorded) AS recorded,
    count(*) FILTER (WHERE NOT is_recorded) AS in_gaps
  FROM (
    SELECT target_id, scheduled_at, true FROM website_monitor.check_results
    UNION ALL SELECT target_id, first_slot, false FROM website_monitor.check_gaps
  ) AS first_or_later (target_id, slot, is_recorded)
  JOIN website_monitor.target_leases AS lease ON lease.monitored_target_id = target_id
  WHERE date_bin(lease.check_interval, slot, lease.grid_origin) <> slot
),
lags AS (
  SELECT extract(epoch FROM started_at - slot) * 1000 AS lag_ms FROM fate WHERE started_at IS NOT NULL
)
SELECT
  (SELECT count(*) FROM fate) + (SELECT due FROM first_checks) AS due,
  (SELECT count(started_at) FROM fate) + (SELECT recorded FROM first_checks) AS recorded,
  (SELECT count(*) FROM fate WHERE is_in_gap) + (SELECT in_gaps FROM first_checks) AS in_gaps,
  (SELECT count(*) FROM fate WHERE started_at IS NULL AND NOT is_in_gap)
    + (SELECT due - recorded - in_gaps FROM first_checks) AS missing,
  (SELECT count(*) FROM fate WHERE started_at IS NOT NULL AND is_in_gap) AS recorded_twice,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY lag_ms) AS lag_p50_ms,
  percentile_cont(0.95) WITHIN GROUP (ORDER BY lag_ms) AS lag_p95_ms,
  percentile_cont(0.99) WITHIN GROUP (ORDER BY lag_ms) AS lag_p99_ms,
  max(lag_ms) AS lag_max_ms
FROM lags
