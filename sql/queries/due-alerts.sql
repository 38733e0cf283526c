-- Reads alerts that are due, with what decides about them. If one is due, those that will be within the linger are, too.
--
-- Parameters: $1 integer  maximum number of alerts
--             $2 float8   the linger in ms
--             $3 integer  maximum number of alerts times channels: what one transaction decides and writes
-- Returns:    one row per alert; times in ms since 1970; alerts_max, how many alerts fit: there may be more if so many come
-- Index:      alerts_due, and the primary keys; check_results by key, bounded to the newest partitions
-- Locks:      the alerts, until the transaction ends; skips those that somebody is acknowledging, which makes them due
WITH bound AS MATERIALIZED (
  SELECT greatest(1, least($1::integer, $3::integer / greatest(1, count(*))))::integer AS alerts_max
  FROM website_monitor.channels WHERE enabled
)
SELECT (SELECT alerts_max FROM bound), alert.id::text, alert.kind, alert.state, alert.level, alert.held_by, alert.channels, alert.may_be_our_network,
  alert.key, alert.labels, alert.subject, alert.worker,
  extract(epoch FROM alert.started_at)::float8 * 1000 AS started_ms,
  extract(epoch FROM alert.noticed_at)::float8 * 1000 AS noticed_ms,
  extract(epoch FROM alert.rechecked_at)::float8 * 1000 AS rechecked_ms,
  extract(epoch FROM alert.opened_at)::float8 * 1000 AS opened_ms,
  extract(epoch FROM alert.acknowledged_at)::float8 * 1000 AS acknowledged_ms,
  extract(epoch FROM coalesce(condition.ended_at, incident.ended_at,
    -- No longer kept: over, and known since when if an earlier look saw its end.
    CASE WHEN condition.id IS NULL AND incident.target_id IS NULL THEN coalesce(alert.ended_at, now()) END))::float8 * 1000 AS ended_ms,
  coalesce(condition.level, 0)::integer AS newest_level,
  CASE WHEN target.id IS NOT NULL THEN json_build_object(
    'id', target.id::text,
    'isEnabled', target.enabled,
    'alertAfterMs', extract(epoch FROM target.alert_after)::float8 * 1000,
    'recoveryPeriodMs', extract(epoch FROM target.recovery_period)::float8 * 1000,
    'checkIntervalMs', extract(epoch FROM target.check_interval)::float8 * 1000,
    -- The slot before the next may be running. One that is missing, or unknown, is not up.
    'isUpNow', newest.outcome = 'up' AND newest.scheduled_at >= lease.next_fire_at - 2 * lease.check_interval IS TRUE,
    'checkedMs', extract(epoch FROM newest.started_at)::float8 * 1000
  ) END AS target,
  CASE WHEN target.depends_on IS NOT NULL THEN json_build_object(
    'id', target.depends_on::text,
    'isDown', EXISTS (SELECT FROM website_monitor.incidents AS of_parent
                      WHERE of_parent.target_id = target.depends_on AND of_parent.ended_at IS NULL),
    'checkedMs', extract(epoch FROM of_parent.started_at)::float8 * 1000
  ) END AS parent
FROM (
  SELECT * FROM website_monitor.alerts
  WHERE state <> 'closed' AND due_at <= now() + $2::float8 * interval '1 ms'
    AND (SELECT min(due_at) FROM website_monitor.alerts AS first WHERE first.state <> 'closed') <= now()
  ORDER BY due_at, id
  LIMIT (SELECT alerts_max FROM bound)
  FOR UPDATE SKIP LOCKED
) AS alert
LEFT JOIN website_monitor.conditions AS condition ON condition.id = alert.condition_id
LEFT JOIN website_monitor.incidents AS incident
  ON alert.kind = 'down' AND incident.target_id = alert.target_id AND incident.started_at = alert.incident_at
LEFT JOIN website_monitor.monitored_targets AS target ON target.id = alert.target_id
LEFT JOIN website_monitor.target_leases AS lease ON lease.monitored_target_id = target.id
LEFT JOIN LATERAL (
  SELECT outcome, scheduled_at, started_at FROM website_monitor.check_results AS result
  WHERE result.target_id = target.id
    AND scheduled_at > now() - greatest(3 * target.check_interval, interval '10 min')
    AND scheduled_at <= now() + interval '1 min'
  ORDER BY scheduled_at DESC LIMIT 1
) AS newest ON true
LEFT JOIN LATERAL (
  SELECT started_at FROM website_monitor.check_results AS result
  WHERE result.target_id = target.depends_on
    AND scheduled_at > now() - interval '1 h' AND scheduled_at <= now() + interval '1 min'
  ORDER BY scheduled_at DESC LIMIT 1
) AS of_parent ON true
ORDER BY alert.due_at, alert.id
