-- Reports how late the checks of slots between two moments began, and which slots have none.
--
-- Parameters: $1 timestamptz  $2 timestamptz: checks of slots between them have ended and are recorded
-- Returns one row: checks, "in gaps", missing, lags in ms
WITH due AS (
  SELECT count(*) AS slots
  FROM website_monitor.target_leases AS lease, generate_series(
    date_bin(lease.check_interval, $1, lease.grid_origin) + lease.check_interval, $2, lease.check_interval) AS slot
),
checks AS (
  SELECT extract(epoch FROM started_at - scheduled_at) * 1000 AS lag_ms
  FROM website_monitor.check_results WHERE scheduled_at > $1 AND scheduled_at <= $2
),
gaps AS (
  SELECT count(*) AS slots
  FROM website_monitor.check_gaps AS gap
  JOIN website_monitor.target_leases AS lease ON lease.monitored_target_id = gap.target_id,
    generate_series(gap.first_slot, gap.last_slot, lease.check_interval) AS slot
  WHERE slot > $1 AND slot <= $2
)
SELECT count(*) AS "checks", (SELECT slots FROM gaps) AS "slots in gaps",
  (SELECT slots FROM due) - count(*) - (SELECT slots FROM gaps) AS "slots missing",
  percentile_cont(0.5) WITHIN GROUP (ORDER BY lag_ms) AS "lag p50, ms",
  percentile_cont(0.99) WITHIN GROUP (ORDER BY lag_ms) AS "lag p99, ms",
  max(lag_ms) AS "lag max, ms"
FROM checks
