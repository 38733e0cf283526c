-- Reads one alert, the incidents that it spans, and what was sent of it.
--
-- Parameters: $1 bigint   its id
--             $2 integer  maximum number of incidents, and of deliveries
-- Returns:    those of list-alerts.sql, and `incidents`, `deliveries` json, the oldest first
-- Indexes:    the primary keys, deliveries_alert
SELECT id::text AS id, kind::text AS kind, state::text AS state, held_by AS "heldBy", target_id::text AS "targetId", key, name,
  url, labels, subject, cause, detail, started_at AS since, ended_at AS until,
  extract(epoch FROM coalesce(ended_at, now()) - started_at)::float8 AS "forS", incidents, opened_at AS "openedAt",
  closed_at AS "closedAt", ending, acknowledged_at AS "acknowledgedAt", acknowledged_by AS "acknowledgedBy",
  (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT started_at AS "startedAt", ended_at AS "endedAt", cause, detail FROM website_monitor.incidents AS incident
    WHERE alert.kind = 'down' AND incident.target_id = alert.target_id
      AND incident.started_at BETWEEN alert.started_at AND alert.incident_at
    ORDER BY started_at LIMIT $2::integer) AS one) AS "spanned",
  (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT coalesce(channel.name, 'a removed channel') AS channel, delivery.news, delivery.state,
      delivery.created_at AS "createdAt", delivery.finished_at AS "finishedAt", delivery.attempts, delivery.problem
    FROM website_monitor.deliveries AS delivery
    LEFT JOIN website_monitor.channels AS channel ON channel.id = delivery.channel_id
    WHERE delivery.alert_id = alert.id ORDER BY delivery.id LIMIT $2::integer) AS one) AS deliveries
FROM website_monitor.alerts AS alert
WHERE id = $1::bigint
