-- Reads channels with what workers know of them, by name.
--
-- Parameters: $1 text  only the channel of this name; null = all
-- Returns:    the fields of ListedChannel in lib/postgres/channels/channels.ts
-- Indexes:    the primary keys, deliveries_waiting, deliveries_dead
SELECT channel.id::text AS id, name, url, kind, cardinality(secrets) AS secrets, labels,
  (extract(epoch FROM delay) * 1000)::float8 AS "delayMs", (extract(epoch FROM reminder) * 1000)::float8 AS "reminderMs",
  sends_resolved AS "sendsResolved", time_zone AS "timeZone", enabled,
  CASE WHEN NOT enabled THEN 'disabled' WHEN failing_since IS NOT NULL THEN 'failing'
    WHEN sent_at IS NOT NULL THEN 'ok' ELSE 'unused' END AS state,
  CASE WHEN NOT enabled THEN channel.problem WHEN failing_since IS NOT NULL THEN queue.problem END AS problem,
  failing_since AS "failingSince", extract(epoch FROM now() - failing_since)::float8 AS "failingS",
  sent_at AS "lastSentAt", extract(epoch FROM now() - sent_at)::float8 AS "lastSentS",
  CASE WHEN failing_since IS NOT NULL AND enabled THEN greatest(not_before, now()) END AS "nextAttemptAt",
  (SELECT count(*)::integer FROM website_monitor.deliveries AS delivery
   WHERE channel_id = channel.id AND delivery.state = 'waiting') AS waiting,
  (SELECT count(*)::integer FROM website_monitor.deliveries AS delivery
   WHERE channel_id = channel.id AND delivery.state = 'dead') AS dead
FROM website_monitor.channels AS channel
LEFT JOIN website_monitor.channel_queues AS queue ON queue.channel_id = channel.id
WHERE $1::text IS NULL OR name = $1
ORDER BY name
