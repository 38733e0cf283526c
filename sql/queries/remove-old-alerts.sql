-- Removes alerts that were closed before the retention, with their deliveries, and conditions that ended before it.
-- A thousand of each at a time. An alert with a delivery that still waits stays.
--
-- Parameters: $1 integer  days for which results are kept
-- Returns:    is_behind boolean: true if there may be more
-- Index:      alerts_closed, deliveries_alert, conditions_ended
-- Locks:      the turn; skips it if another worker has it. The rows
WITH turn AS MATERIALIZED (
  SELECT true AS is_mine FROM website_monitor.upkeep_turns WHERE work = 'retention' FOR UPDATE SKIP LOCKED
),
old AS MATERIALIZED (
  SELECT id FROM website_monitor.alerts AS alert
  WHERE (SELECT is_mine FROM turn) AND state = 'closed' AND closed_at < now() - $1::integer * interval '1 d'
    AND NOT EXISTS (SELECT FROM website_monitor.deliveries WHERE alert_id = alert.id AND state = 'waiting')
  ORDER BY closed_at LIMIT 1000
),
deliveries AS (
  DELETE FROM website_monitor.deliveries WHERE alert_id = ANY (ARRAY(SELECT id FROM old))
),
alerts AS (
  DELETE FROM website_monitor.alerts WHERE id = ANY (ARRAY(SELECT id FROM old))
),
conditions AS (
  DELETE FROM website_monitor.conditions
  WHERE id = ANY (ARRAY(
    SELECT id FROM website_monitor.conditions AS condition
    WHERE (SELECT is_mine FROM turn) AND ended_at < now() - $1::integer * interval '1 d'
      AND NOT EXISTS (SELECT FROM website_monitor.alerts WHERE condition_id = condition.id AND state <> 'closed' AND kind <> 'down')
    ORDER BY ended_at LIMIT 1000))
  RETURNING id
)
SELECT (SELECT count(*) FROM old) = 1000 OR (SELECT count(*) FROM conditions) = 1000 AS is_behind
