-- Leases channels that have something to send, and says what. One worker at a time sends to a channel, in the order of
-- what happened.
--
-- A grouped channel gets one message about all that waits, each alert once: what was opened and is over before it was
-- sent is told as a whole. Another gets a message per alert, in order for each target. What may have arrived goes out
-- again as it was, under the same id, before anything else. While a channel fails, only its oldest message is tried.
--
-- Parameters: $1 text     the worker's name
--             $2 integer  maximum number of channels
--             $3 float8   in ms: how long a lease lasts
--             $4 integer  maximum number of messages to a channel that is not grouped
--             $5 text[]   kinds of channels that are grouped
--             $6 integer  maximum number of alerts that a message names
-- Returns one row: batches json; next_due_in_ms float8 (null = nothing waits)
-- Index:      deliveries_waiting, and the primary keys
-- Locks:      the queues of the channels, skipping those that another worker is leasing
WITH ready AS MATERIALIZED (
  SELECT queue.channel_id, queue.failures, channel.kind = ANY ($5::text[]) AS is_grouped
  FROM website_monitor.channel_queues AS queue
  JOIN website_monitor.channels AS channel ON channel.id = queue.channel_id
  WHERE channel.enabled AND queue.not_before <= now() AND queue.leased_until <= now()
    AND EXISTS (SELECT FROM website_monitor.deliveries AS delivery
                WHERE delivery.channel_id = queue.channel_id AND delivery.state = 'waiting')
  ORDER BY queue.not_before
  LIMIT $2
  FOR UPDATE OF queue SKIP LOCKED
),
leased AS (
  UPDATE website_monitor.channel_queues AS queue
  SET leased_until = now() + $3::float8 * interval '1 ms', epoch = epoch + 1, worker = $1
  FROM ready WHERE queue.channel_id = ready.channel_id
  RETURNING queue.channel_id, queue.epoch, queue.failures
),
fresh AS MATERIALIZED (
  SELECT channel_id, gen_random_uuid() AS message_id FROM ready WHERE is_grouped
),
-- The message that each delivery goes into.
picked AS MATERIALIZED (
  SELECT ready.channel_id, one.id, one.message_id
  FROM ready CROSS JOIN LATERAL (
    SELECT message_id FROM website_monitor.deliveries AS delivery
    WHERE delivery.channel_id = ready.channel_id AND state = 'waiting' AND message_id IS NOT NULL
    ORDER BY id LIMIT 1
  ) AS doubtful CROSS JOIN LATERAL (
    SELECT id, message_id FROM website_monitor.deliveries AS delivery
    WHERE delivery.channel_id = ready.channel_id AND state = 'waiting' AND delivery.message_id = doubtful.message_id
  ) AS one
  WHERE is_grouped
  UNION ALL
  SELECT fresh.channel_id, delivery.id, fresh.message_id
  FROM fresh JOIN website_monitor.deliveries AS delivery ON delivery.channel_id = fresh.channel_id AND state = 'waiting'
  WHERE NOT EXISTS (
    SELECT FROM website_monitor.deliveries AS doubtful
    WHERE doubtful.channel_id = fresh.channel_id AND state = 'waiting' AND doubtful.message_id IS NOT NULL)
  UNION ALL
  SELECT ready.channel_id, one.id, coalesce(one.message_id, gen_random_uuid())
  FROM ready CROSS JOIN LATERAL (
    SELECT id, message_id
    FROM (
      SELECT DISTINCT ON (subject) id, message_id
      FROM (
        SELECT id, subject, message_id FROM website_monitor.deliveries AS delivery
        WHERE delivery.channel_id = ready.channel_id AND state = 'waiting'
        ORDER BY id LIMIT 10 * $4
      ) AS oldest
      ORDER BY subject, id
    ) AS first_of_each
    ORDER BY message_id IS NULL, id
    LIMIT CASE WHEN ready.failures > 0 THEN 1 ELSE $4 END
  ) AS one
  WHERE NOT is_grouped
),
marked AS (
  UPDATE website_monitor.deliveries AS delivery
  SET message_id = picked.message_id, attempts = least(attempts + 1, 32767),
    -- It was leased before, and nobody recorded what came of it.
    may_have_arrived = may_have_arrived OR delivery.message_id IS NOT NULL
  FROM picked WHERE delivery.id = picked.id
  RETURNING delivery.channel_id, delivery.message_id, delivery.id, delivery.alert_id, delivery.news, delivery.created_at
),
-- Each alert once in a message, with its newest news.
news AS MATERIALIZED (
  SELECT channel_id, message_id, alert_id, max(id) AS id, max(news) AS news, max(created_at) AS made_at,
    bool_or(news = 'opened') AND bool_or(news = 'resolved') AS is_whole
  FROM marked
  GROUP BY channel_id, message_id, alert_id
),
ranked AS MATERIALIZED (
  SELECT news.*, row_number() OVER (PARTITION BY message_id ORDER BY id) AS rank FROM news
),
counts AS (
  SELECT message_id, jsonb_agg(
      json_build_object('news', news, 'kind', kind, 'cause', cause, 'ending', ending, 'count', count) ORDER BY count DESC) AS counts
  FROM (
    SELECT message_id, news.news, kind, cause, CASE news.news WHEN 'resolved' THEN ending END AS ending, count(*)
    FROM news JOIN website_monitor.alerts AS alert ON alert.id = alert_id
    GROUP BY message_id, news.news, kind, cause, 5
  ) AS counted
  GROUP BY message_id
),
messages AS (
  SELECT channel_id, message_id, min(ranked.id) AS first_id,
    json_build_object(
      'id', message_id, 'atMs', extract(epoch FROM max(made_at))::float8 * 1000,
      'counts', (SELECT counts.counts FROM counts WHERE counts.message_id = ranked.message_id),
      'told', json_agg(website_monitor.alert_as_json(alert, news, is_whole) ORDER BY ranked.id)
    ) AS message
  FROM ranked JOIN website_monitor.alerts AS alert ON alert.id = alert_id
  WHERE rank <= $6
  GROUP BY channel_id, message_id
)
SELECT
  (
    SELECT coalesce(json_agg(json_build_object(
      'channel', json_build_object('id', channel.id::text, 'name', channel.name, 'kind', channel.kind, 'url', channel.url, 'secrets', channel.secrets),
      'timeZone', channel.time_zone, 'epoch', leased.epoch, 'failures', leased.failures,
      'messages', (SELECT coalesce(json_agg(message ORDER BY first_id), '[]') FROM messages WHERE messages.channel_id = leased.channel_id)
    )), '[]')
    FROM leased JOIN website_monitor.channels AS channel ON channel.id = leased.channel_id
  ) AS batches,
  extract(epoch FROM (
    SELECT min(greatest(queue.not_before, queue.leased_until))
    FROM website_monitor.channel_queues AS queue
    JOIN website_monitor.channels AS channel ON channel.id = queue.channel_id
    WHERE channel.enabled AND queue.channel_id <> ALL (ARRAY(SELECT channel_id FROM leased))
      AND EXISTS (SELECT FROM website_monitor.deliveries AS delivery
                  WHERE delivery.channel_id = queue.channel_id AND delivery.state = 'waiting')
  ) - clock_timestamp())::float8 * 1000 AS next_due_in_ms
