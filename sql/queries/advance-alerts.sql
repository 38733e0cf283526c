-- Writes what has become of alerts, and makes deliveries. One that is not the opening is dropped where the receiver
-- surely never got that.
--
-- Parameters: $1 jsonb  an array of steps: id, state, dueMs, heldBy, recheckedMs, openedMs, level, mayBeOurNetwork, endedMs,
--                       ending, channels; times in ms since 1970
--             $2 jsonb  an array of deliveries in order: alertId, channelId, news
--             $3 bigint[]  targets whose check is asked for at once
--             $4 float8 in ms: all alerts that are due within it are among the steps
-- Returns:    next_due_in_ms float8, until an alert is due; null if none will be. events_wait boolean
-- Index:      the primary keys, alerts_due, deliveries_alert
-- Locks:      needs the alerting turn
WITH advanced AS (
  UPDATE website_monitor.alerts AS alert
  SET state = step.state,
    due_at = to_timestamp(step."dueMs" / 1000),
    held_by = step."heldBy",
    rechecked_at = to_timestamp(step."recheckedMs" / 1000),
    opened_at = to_timestamp(step."openedMs" / 1000),
    level = step.level,
    may_be_our_network = step."mayBeOurNetwork",
    ended_at = to_timestamp(step."endedMs" / 1000),
    closed_at = CASE WHEN step.state = 'closed' THEN now() END,
    ending = step.ending,
    channels = step.channels
  FROM jsonb_to_recordset($1::jsonb) AS step (
    id bigint, state website_monitor.alert_state, "dueMs" float8, "heldBy" text, "recheckedMs" float8, "openedMs" float8,
    level smallint, "mayBeOurNetwork" boolean, "endedMs" float8, ending text, channels jsonb)
  WHERE alert.id = step.id
  RETURNING alert.id, due_at, alert.state
),
given AS (
  SELECT (element ->> 'alertId')::bigint AS alert_id, (element ->> 'channelId')::bigint AS channel_id,
    (element ->> 'news')::website_monitor.alert_news AS news, ordinal
  FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS one (element, ordinal)
),
made AS (
  SELECT given.*,
    bool_or(news = 'opened') OVER (PARTITION BY alert_id, channel_id) OR EXISTS (
      SELECT FROM website_monitor.deliveries AS opening
      WHERE opening.alert_id = given.alert_id AND opening.channel_id = given.channel_id AND opening.news = 'opened'
        AND (opening.state IN ('waiting', 'sent') OR opening.may_have_arrived)
    ) AS is_known
  FROM given
),
delivered AS (
  INSERT INTO website_monitor.deliveries (channel_id, alert_id, subject, news, state, finished_at)
  SELECT channel.id, alert.id, coalesce(alert.target_id, -alert.id), made.news,
    CASE WHEN is_known THEN 'waiting' ELSE 'dropped' END::website_monitor.delivery_state,
    CASE WHEN NOT is_known THEN now() END
  FROM made
  JOIN website_monitor.channels AS channel ON channel.id = made.channel_id
  JOIN website_monitor.alerts AS alert ON alert.id = made.alert_id
  ORDER BY ordinal
)
SELECT
  extract(epoch FROM least(
    (SELECT min(due_at) FROM advanced WHERE state <> 'closed'),
    -- All that were due sooner are among those that advance.
    (SELECT min(due_at) FROM website_monitor.alerts
     WHERE state <> 'closed' AND due_at > now() + $4::float8 * interval '1 ms')
  ) - clock_timestamp())::float8 * 1000 AS next_due_in_ms,
  EXISTS (SELECT FROM website_monitor.alert_events) AS events_wait,
  website_monitor.check_now($3::bigint[])
