-- Takes events and applies them to alerts: begins an alert for each incident or condition that none covers, and makes
-- alerts due whose incident or condition has changed, or whose parent's has.
--
-- Parameters: $1 integer  maximum number of events
--             $2 float8   in ms: how long a new alert waits for others that begin at about the same time
-- Returns:    taken integer, the number of events
-- Index:      the primary keys, alerts_open_of_target, alerts_open_of_condition, alerts_due
-- Locks:      needs the alerting turn
WITH taken AS MATERIALIZED (
  DELETE FROM website_monitor.alert_events
  WHERE id = ANY (ARRAY(SELECT id FROM website_monitor.alert_events ORDER BY id LIMIT $1))
  RETURNING id, target_id, condition_id, started_at, is_start, noticed_at
),
news AS MATERIALIZED (
  SELECT subject.*, alert.id AS alert_id
  FROM (
    SELECT target_id, condition_id,
      min(started_at) FILTER (WHERE is_start) AS first_at,
      -- Not the latest: the clock may have been set back meanwhile.
      (array_agg(started_at ORDER BY id DESC) FILTER (WHERE is_start))[1] AS newest_at,
      count(DISTINCT started_at) FILTER (WHERE is_start)::integer AS incidents,
      min(noticed_at) FILTER (WHERE is_start) AS noticed_at
    FROM taken
    GROUP BY target_id, condition_id
  ) AS subject
  LEFT JOIN LATERAL (
    SELECT id FROM website_monitor.alerts
    WHERE subject.condition_id IS NULL AND kind = 'down' AND alerts.target_id = subject.target_id AND state <> 'closed'
    UNION ALL
    SELECT id FROM website_monitor.alerts
    WHERE kind <> 'down' AND alerts.condition_id = subject.condition_id AND state <> 'closed'
  ) AS alert ON true
),
continued AS (
  UPDATE website_monitor.alerts AS alert
  SET due_at = now(),
    incident_at = coalesce(news.newest_at, alert.incident_at),
    incidents = alert.incidents + coalesce(news.incidents, 0),
    -- One that was never long enough to be told begins again.
    started_at = CASE WHEN alert.state = 'pending' THEN coalesce(news.newest_at, alert.started_at) ELSE alert.started_at END
  FROM news WHERE alert.id = news.alert_id
),
parents AS (
  UPDATE website_monitor.alerts AS alert SET due_at = now()
  WHERE state = 'held' AND held_by = 'parent'
    AND target_id = ANY (ARRAY(
      SELECT id FROM website_monitor.monitored_targets WHERE depends_on = ANY (ARRAY(SELECT target_id FROM taken))))
    AND id <> ALL (ARRAY(SELECT alert_id FROM news WHERE alert_id IS NOT NULL))
),
begun AS (
  INSERT INTO website_monitor.alerts (
    kind, target_id, condition_id, due_at, started_at, incident_at, incidents, noticed_at, cause, detail,
    name, key, url, labels, subject, worker)
  SELECT coalesce(condition.kind, 'down'), news.target_id, news.condition_id, now() + $2::float8 * interval '1 ms',
    first_at, newest_at, incidents, noticed_at,
    coalesce(condition.cause, incident.cause::text), coalesce(condition.detail, incident.detail),
    target.name, target.key, substring(coalesce(target.url, failure.url) FROM '^[^?#]*'),
    coalesce(target.labels, '{}'), condition.subject, failure.worker
  FROM news
  LEFT JOIN website_monitor.conditions AS condition ON condition.id = news.condition_id
  LEFT JOIN website_monitor.incidents AS incident
    ON news.condition_id IS NULL AND incident.target_id = news.target_id AND incident.started_at = first_at
  LEFT JOIN LATERAL website_monitor.failure_found(news.target_id, first_at) AS failure ON news.condition_id IS NULL
  LEFT JOIN website_monitor.monitored_targets AS target ON target.id = news.target_id
  WHERE alert_id IS NULL AND first_at IS NOT NULL AND coalesce(condition.id, incident.target_id) IS NOT NULL
)
SELECT count(*)::integer AS taken FROM taken
