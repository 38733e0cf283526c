-- Opens conditions that are so, and ends those that are not: certificates near their end, patterns set aside, targets
-- unknown for long, channels that fail. Ends those of slow targets that are not watched any more; record-slow.sql does the
-- rest. Forgets workers that were not seen for a day. Idempotent.
--
-- Parameters: $1 integer[]  a certificate is told this many days before it expires, once each; {} = never
--             $2 float8     in ms: how long a target is unknown before it is told
--             $3 float8     in ms: nothing is done if any worker did it more recently
-- Returns:    is_behind boolean: false
-- Indexes:    target_certificates_expires_at, monitored_targets_pattern_problem, target_leases_next_fire_at,
--             deliveries_dead, conditions_open, and the primary keys; channels and workers are few
-- Locks:      the turn; skips it if another worker has it. Open conditions
WITH turn AS MATERIALIZED (
  UPDATE website_monitor.upkeep_turns SET taken_at = now()
  WHERE work = (
    SELECT work FROM website_monitor.upkeep_turns
    WHERE work = 'conditions' AND taken_at <= now() - $3::float8 * interval '1 ms' FOR UPDATE SKIP LOCKED)
  RETURNING true AS is_mine
),
certificates AS (
  SELECT target_id, level,
    format('the certificate of %s expires on %s UTC', host, to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')) AS detail
  FROM website_monitor.target_certificates
  CROSS JOIN LATERAL (
    SELECT count(*)::smallint AS level FROM unnest($1::integer[]) AS days WHERE expires_at < now() + days * interval '1 d'
  ) AS passed
  WHERE (SELECT is_mine FROM turn) AND expires_at < now() + (SELECT max(days) FROM unnest($1::integer[]) AS days) * interval '1 d'
),
patterns AS (
  SELECT id AS target_id, regex_problem AS detail,
    CASE WHEN regex_problem LIKE 'set aside:%' THEN 'regex_set_aside' ELSE 'regex_invalid' END AS cause
  FROM website_monitor.monitored_targets
  WHERE (SELECT is_mine FROM turn) AND regex_problem IS NOT NULL AND enabled
),
-- Their last check was unknown, as far as is known. An open incident outlasts checks that are unknown.
candidates AS MATERIALIZED (
  SELECT candidate.target_id, candidate.since, newest.cause::text AS cause,
    lease.monitored_target_id IS NULL OR newest.is_known_since IS NOT FALSE AS is_over,
    EXISTS (SELECT FROM website_monitor.incidents AS incident
            WHERE incident.target_id = candidate.target_id AND ended_at IS NULL) AS is_down
  FROM website_monitor.unknown_targets AS candidate
  LEFT JOIN website_monitor.target_leases AS lease ON lease.monitored_target_id = candidate.target_id
  LEFT JOIN LATERAL (
    SELECT bool_or(outcome <> 'unknown') AS is_known_since, (array_agg(result.cause ORDER BY scheduled_at DESC))[1] AS cause
    FROM website_monitor.check_results AS result
    WHERE result.target_id = candidate.target_id AND scheduled_at <= now() + interval '1 min'
      AND scheduled_at >= greatest(candidate.since, now() - greatest($2::float8 * interval '1 ms', 2 * lease.check_interval))
  ) AS newest ON true
  WHERE (SELECT is_mine FROM turn)
),
unknown AS MATERIALIZED (
  SELECT cause, count(*) AS targets, min(since) AS since, (array_agg(target_id ORDER BY since, target_id))[1:3] AS first
  FROM (
    SELECT target_id, since, cause FROM candidates
    WHERE NOT is_over AND NOT is_down AND since <= now() - $2::float8 * interval '1 ms'
    UNION ALL
    SELECT monitored_target_id, next_fire_at, 'not_checked'
    FROM website_monitor.shares() AS one (share)
    JOIN website_monitor.target_leases AS lease ON lease.share = one.share
    WHERE (SELECT is_mine FROM turn) AND next_fire_at < website_monitor.overdue_before() - $2::float8 * interval '1 ms'
  ) AS each
  GROUP BY cause
),
channels AS (
  SELECT channel.name, CASE WHEN enabled THEN 'channel_failing' ELSE 'channel_disabled' END AS cause,
    coalesce(channel.problem, CASE WHEN failing_since IS NULL THEN dead.problem ELSE queue.problem END) AS detail,
    CASE WHEN enabled THEN least(failing_since, dead.finished_at, now()) ELSE now() END AS since
  FROM website_monitor.channels AS channel
  JOIN website_monitor.channel_queues AS queue ON queue.channel_id = channel.id
  LEFT JOIN website_monitor.conditions AS told ON told.kind = 'channel' AND subject = channel.name AND ended_at IS NULL
  LEFT JOIN LATERAL (
    SELECT delivery.finished_at, delivery.problem FROM website_monitor.deliveries AS delivery
    WHERE delivery.channel_id = channel.id AND delivery.state = 'dead' ORDER BY delivery.id DESC LIMIT 1
  ) AS dead ON dead.finished_at > greatest(queue.sent_at, now() - interval '1 h')
  WHERE (SELECT is_mine FROM turn) AND CASE
    WHEN NOT enabled THEN channel.problem IS NOT NULL
    ELSE failing_since < now() - interval '5 min' OR dead.finished_at IS NOT NULL
      -- Over once a message is accepted.
      OR told.id IS NOT NULL AND coalesce(queue.sent_at <= told.since, true) END
),
found AS MATERIALIZED (
  SELECT 'certificate'::website_monitor.alert_kind AS kind, target_id, '' AS subject, 'certificate_expires' AS cause, detail,
    level, now() AS since
  FROM certificates
  UNION ALL
  SELECT 'pattern', target_id, '', cause, detail, 0, now() FROM patterns
  UNION ALL
  SELECT 'unknown', NULL, cause, cause, (
    SELECT format('%s %s: %s%s', targets, CASE targets WHEN 1 THEN 'target' ELSE 'targets' END,
      string_agg(left(coalesce(name, substring(url FROM '^[^?#]*')), 100), ', ' ORDER BY id),
      CASE WHEN targets > 3 THEN format(' and %s more', targets - 3) END)
    FROM website_monitor.monitored_targets WHERE id = ANY (first)
  ), 0, since
  FROM unknown
  UNION ALL
  SELECT 'channel', NULL, name, cause, detail, 0, since FROM channels
),
opened AS (
  INSERT INTO website_monitor.conditions (kind, target_id, subject, cause, detail, level, since)
  SELECT kind, target_id, subject, cause, left(detail, 500), level, since FROM found
  WHERE NOT EXISTS (
    SELECT FROM website_monitor.conditions AS open
    WHERE open.kind = found.kind AND coalesce(open.target_id, 0) = coalesce(found.target_id, 0)
      AND open.subject = found.subject AND ended_at IS NULL)
  ON CONFLICT DO NOTHING
),
changed AS (
  UPDATE website_monitor.conditions AS open SET level = found.level, detail = found.detail
  FROM found
  WHERE open.kind = found.kind AND coalesce(open.target_id, 0) = coalesce(found.target_id, 0)
    AND open.subject = found.subject AND ended_at IS NULL AND open.level <> found.level
),
ended AS (
  UPDATE website_monitor.conditions AS open SET ended_at = now()
  WHERE (SELECT is_mine FROM turn) AND ended_at IS NULL AND CASE kind
    WHEN 'slow' THEN NOT EXISTS (
      SELECT FROM website_monitor.monitored_targets WHERE id = target_id AND enabled AND slow_above IS NOT NULL)
    ELSE NOT EXISTS (
      SELECT FROM found
      WHERE open.kind = found.kind AND coalesce(open.target_id, 0) = coalesce(found.target_id, 0)
        AND open.subject = found.subject) END
),
known AS (
  DELETE FROM website_monitor.unknown_targets
  WHERE target_id = ANY (ARRAY(SELECT target_id FROM candidates WHERE is_over))
),
gone AS (
  DELETE FROM website_monitor.workers WHERE (SELECT is_mine FROM turn) AND seen_at < now() - interval '1 d'
)
SELECT false AS is_behind
