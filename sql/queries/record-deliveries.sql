-- Records what came of sending to a channel, and gives its lease back. What the receiver accepted is recorded even if
-- the lease was lost meanwhile: it need not go out again.
--
-- Parameters: $1 bigint   the channel
--             $2 integer  its epoch
--             $3 jsonb    an array of attempts: messageId, outcome ('accepted', 'refused', 'failed'), problem, mayHaveArrived
--             $4 float8   in ms: nothing is sent before
--             $5 float8   in ms: after how long what still fails is given up
--             $6 text     null, or why the channel is disabled
--             $7 text     the url that was sent to: an edited channel is not disabled for what its old address says
-- Returns:    news, outcome ('sent', 'dead', 'waiting'), count integer; seconds float8: the sum over what was sent, from
--             noticing to acceptance
-- Index:      deliveries_waiting, deliveries_alert, the primary keys
-- Locks:      the channel if it is to be disabled, as an edit does; then the queue, then the deliveries
WITH attempts AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($3::jsonb) AS attempt ("messageId" uuid, outcome text, problem text, "mayHaveArrived" boolean)
),
gone AS MATERIALIZED (
  SELECT id FROM website_monitor.channels WHERE id = $1 AND url = $7 AND $6::text IS NOT NULL FOR NO KEY UPDATE
),
-- Before any delivery, even if the lease was lost: so do those who lease, edit and resend.
locked AS MATERIALIZED (
  SELECT epoch FROM website_monitor.channel_queues
  WHERE channel_id = $1 AND (SELECT count(*) FROM gone) >= 0 FOR UPDATE
),
queue AS (
  UPDATE website_monitor.channel_queues
  SET leased_until = '-infinity', not_before = now() + $4::float8 * interval '1 ms',
    sent_at = CASE WHEN EXISTS (SELECT FROM attempts WHERE outcome = 'accepted') THEN now() ELSE sent_at END,
    failures = CASE WHEN EXISTS (SELECT FROM attempts WHERE outcome = 'failed') THEN failures + 1
                    WHEN EXISTS (SELECT FROM attempts) THEN 0 ELSE failures END,
    failing_since = CASE WHEN EXISTS (SELECT FROM attempts WHERE outcome = 'failed') THEN coalesce(failing_since, now())
                         WHEN EXISTS (SELECT FROM attempts) THEN NULL ELSE failing_since END,
    problem = coalesce((SELECT attempts.problem FROM attempts WHERE outcome <> 'accepted' LIMIT 1), channel_queues.problem)
  WHERE channel_id = $1 AND epoch = $2 AND (SELECT count(*) FROM locked) >= 0
  RETURNING channel_id
),
finished AS (
  UPDATE website_monitor.deliveries AS delivery
  SET state = CASE
      WHEN outcome = 'accepted' THEN 'sent'
      WHEN outcome = 'refused' OR created_at < now() - $5::float8 * interval '1 ms' THEN 'dead'
      ELSE 'waiting' END::website_monitor.delivery_state,
    may_have_arrived = may_have_arrived OR "mayHaveArrived",
    -- Surely not taken: it may go out together with what comes meanwhile.
    message_id = CASE WHEN outcome = 'failed' AND NOT "mayHaveArrived" AND NOT may_have_arrived THEN NULL ELSE message_id END,
    finished_at = CASE WHEN outcome <> 'failed' OR created_at < now() - $5::float8 * interval '1 ms' THEN now() END,
    problem = attempts.problem
  FROM attempts
  WHERE delivery.channel_id = $1 AND delivery.state = 'waiting' AND delivery.message_id = attempts."messageId"
    AND (outcome = 'accepted' OR EXISTS (SELECT FROM queue)) AND (SELECT count(*) FROM locked) >= 0
  RETURNING delivery.id, delivery.alert_id, delivery.news, delivery.state, delivery.may_have_arrived
),
-- Not begun when the lease ended: they may be gathered again.
unsent AS (
  UPDATE website_monitor.deliveries AS delivery
  SET message_id = NULL, attempts = attempts - 1
  WHERE delivery.channel_id = $1 AND state = 'waiting' AND NOT may_have_arrived AND EXISTS (SELECT FROM queue)
    AND message_id IS NOT NULL AND message_id <> ALL (ARRAY(SELECT "messageId" FROM attempts))
),
-- Who surely never heard of the opening hears no more of it.
dropped AS (
  UPDATE website_monitor.deliveries AS delivery SET state = 'dropped', finished_at = now()
  FROM finished
  WHERE finished.news = 'opened' AND finished.state = 'dead' AND NOT finished.may_have_arrived
    AND delivery.alert_id = finished.alert_id AND delivery.channel_id = $1 AND delivery.state = 'waiting'
    AND delivery.id <> ALL (ARRAY(SELECT id FROM finished))
),
disabled AS (
  UPDATE website_monitor.channels SET enabled = false, problem = $6 WHERE id = (SELECT id FROM gone)
)
SELECT finished.news, CASE finished.state WHEN 'sent' THEN 'sent' WHEN 'dead' THEN 'dead' ELSE 'waiting' END AS outcome,
  count(*)::integer AS count,
  coalesce(sum(extract(epoch FROM clock_timestamp() - alert.noticed_at))
    FILTER (WHERE finished.news = 'opened' AND finished.state = 'sent'), 0)::float8 AS seconds
FROM finished JOIN website_monitor.alerts AS alert ON alert.id = finished.alert_id
GROUP BY finished.news, finished.state
