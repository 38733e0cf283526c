-- Reads what a channel was not sent, because it was given up; the newest first.
--
-- Parameters: $1 bigint   the channel
--             $2 integer  maximum number of rows
-- Returns:    the fields of DeadLetter in lib/postgres/channels/channels.ts
-- Indexes:    deliveries_dead, the primary key of alerts
SELECT delivery.finished_at AS "givenUpAt", delivery.news::text AS news, alert.id::text AS "alertId",
  coalesce(alert.name, alert.url, nullif(alert.subject, ''), alert.cause) AS title, alert.kind::text AS kind,
  delivery.attempts, delivery.problem
FROM website_monitor.deliveries AS delivery
LEFT JOIN website_monitor.alerts AS alert ON alert.id = delivery.alert_id
WHERE delivery.channel_id = $1::bigint AND delivery.state = 'dead'
ORDER BY delivery.id DESC LIMIT $2::integer
