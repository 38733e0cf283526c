-- Returns one row per message to a channel: at_s since $2, alerts in it
--
-- Parameters: $1 text  the channel   $2 timestamptz
SELECT round(extract(epoch FROM min(finished_at) - $2), 1)::float8 AS "at, s", count(*)::integer AS "alerts"
FROM website_monitor.deliveries JOIN website_monitor.channels AS channel ON channel.id = channel_id
WHERE channel.name = $1 AND state = 'sent' AND news = 'opened'
GROUP BY message_id ORDER BY 1
