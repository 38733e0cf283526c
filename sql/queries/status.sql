-- Reports which targets are up, slow, down and unknown now, the coverage of the period before, and the slowest targets.
-- Reads every check of the period, in one pass.
--
-- Parameters: $1 float8   length of the period, in ms
--             $2 integer  maximum number of rows per list
--             $3 jsonb    only targets with all of these labels; {} = all
-- Returns:    status json
-- Index:      those of target_states, conditions_open; the pass scans the partitions
WITH seen AS MATERIALIZED (
  SELECT target.id, target.key, target.name, target.labels, target.url, target.method, shown.state, shown.cause,
    shown.is_overdue, shown.last_check_at,
    CASE WHEN shown.state IN ('down', 'unknown') THEN shown.since END AS since, -- costs a look-up each
    CASE WHEN shown.state = 'up' THEN slow.since END AS slow_since, slow.detail AS slow_detail,
    ceil(extract(epoch FROM now() - greatest(target.next_fire_at, now() - $1::float8 * interval '1 ms'))
      / extract(epoch FROM target.check_interval))::bigint AS slots_overdue
  FROM website_monitor.targets AS target
  JOIN website_monitor.target_states AS shown ON shown.target_id = target.id
  LEFT JOIN website_monitor.conditions AS slow
    ON slow.kind = 'slow' AND coalesce(slow.target_id, 0) = target.id AND slow.subject = '' AND slow.ended_at IS NULL
  WHERE target.labels @> $3::jsonb
),
checks AS MATERIALIZED (
  SELECT target_id, count(*) FILTER (WHERE outcome = 'up') AS up, count(*) FILTER (WHERE outcome = 'down') AS down,
    count(*) FILTER (WHERE outcome = 'unknown') AS unknown,
    avg(total_us) FILTER (WHERE outcome = 'up') / 1000 AS mean_ms, max(total_us) FILTER (WHERE outcome = 'up') / 1000.0 AS max_ms
  FROM website_monitor.check_results
  WHERE scheduled_at >= now() - $1::float8 * interval '1 ms'
  GROUP BY target_id
),
missed AS MATERIALIZED (
  SELECT coalesce(sum(CASE
    WHEN first_slot >= now() - $1::float8 * interval '1 ms' OR first_slot = last_slot THEN slots
    ELSE round(slots * (extract(epoch FROM last_slot - now()) + $1::float8 / 1000) / extract(epoch FROM last_slot - first_slot))
  END), 0) AS slots
  FROM website_monitor.check_gaps
  WHERE last_slot >= now() - $1::float8 * interval '1 ms' AND target_id IN (SELECT id FROM seen)
)
SELECT json_build_object(
  'at', now(),
  'clockBehindS', extract(epoch FROM website_monitor.clock_behind())::float8,
  'targets', (SELECT json_build_object(
    'up', count(*) FILTER (WHERE state = 'up'), 'slow', count(slow_since), 'down', count(*) FILTER (WHERE state = 'down'),
    'unknown', count(*) FILTER (WHERE state = 'unknown'), 'disabled', count(*) FILTER (WHERE state = 'disabled'))
    FROM seen),
  'slots', (SELECT json_build_object(
    'up', coalesce(sum(up), 0), 'down', coalesce(sum(down), 0), 'unknown', coalesce(sum(unknown), 0),
    'missed', (SELECT slots FROM missed)
      + (SELECT coalesce(sum(slots_overdue), 0) FROM seen WHERE is_overdue))
    FROM checks WHERE target_id IN (SELECT id FROM seen)),
  'down', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT id::text AS id, key, name, labels, method, url, since, cause, extract(epoch FROM now() - since)::float8 AS "forS"
    FROM seen WHERE state = 'down' ORDER BY since, seen.id LIMIT $2::integer) AS one),
  'unknown', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT id::text AS id, key, name, labels, method, url, since, cause, extract(epoch FROM now() - since)::float8 AS "forS",
      is_overdue AS "isOverdue", last_check_at AS "lastCheckAt"
    FROM seen WHERE state = 'unknown' ORDER BY since, seen.id LIMIT $2::integer) AS one),
  'slow', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT id::text AS id, key, name, labels, method, url, slow_since AS since,
      extract(epoch FROM now() - slow_since)::float8 AS "forS", slow_detail AS detail
    FROM seen WHERE slow_since IS NOT NULL ORDER BY slow_since, seen.id LIMIT $2::integer) AS one),
  'slowest', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT id::text AS id, key, name, labels, method, url, round(mean_ms, 1) AS "meanMs", round(max_ms, 1) AS "maxMs"
    FROM checks JOIN seen ON id = target_id
    WHERE state <> 'disabled' AND mean_ms IS NOT NULL ORDER BY mean_ms DESC LIMIT $2::integer) AS one)
) AS status
