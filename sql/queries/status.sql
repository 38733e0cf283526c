-- Reports which targets are up, down and unknown now, the coverage of the period before, and the slowest targets.
-- Reads every check of the period, in one pass.
--
-- Parameters: $1 float8   length of the period, in ms
--             $2 integer  maximum number of rows per list
--             $3 jsonb    only targets with all of these labels; {} = all
-- Returns:    status json
-- Index:      the primary key of check_results, for the last check of each target; the pass scans the partitions
WITH seen AS MATERIALIZED (
  SELECT target.id, target.key, target.name, target.labels, target.url, target.method, target.down_since, target.down_cause, last.scheduled_at AS last_at,
    last.cause AS last_cause,
    -- Not leased a whole interval after its slot: no worker checks it
    target.next_fire_at < now() - greatest(target.check_interval, interval '30 s') AS is_overdue,
    ceil(extract(epoch FROM now() - greatest(target.next_fire_at, now() - $1::float8 * interval '1 ms'))
      / extract(epoch FROM target.check_interval))::bigint AS slots_overdue,
    CASE
      WHEN NOT target.enabled THEN 'disabled'
      WHEN last.outcome IS NULL
        OR target.next_fire_at < now() - greatest(target.check_interval, interval '30 s') THEN 'unknown'
      WHEN target.down_since IS NOT NULL THEN 'down' -- an unknown check does not end an incident
      WHEN last.outcome = 'up' THEN 'up'
      ELSE 'unknown'
    END AS state
  FROM website_monitor.targets AS target
  LEFT JOIN LATERAL (
    SELECT scheduled_at, outcome, cause FROM website_monitor.check_results
    WHERE target_id = target.id AND target.enabled
      AND scheduled_at > now() - (2 * target.check_interval + interval '5 min')
    ORDER BY scheduled_at DESC LIMIT 1
  ) AS last ON true
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
  'targets', (SELECT json_build_object(
    'up', count(*) FILTER (WHERE state = 'up'), 'down', count(*) FILTER (WHERE state = 'down'),
    'unknown', count(*) FILTER (WHERE state = 'unknown'), 'disabled', count(*) FILTER (WHERE state = 'disabled'))
    FROM seen),
  'slots', (SELECT json_build_object(
    'up', coalesce(sum(up), 0), 'down', coalesce(sum(down), 0), 'unknown', coalesce(sum(unknown), 0),
    'missed', (SELECT slots FROM missed)
      + (SELECT coalesce(sum(slots_overdue), 0) FROM seen WHERE is_overdue))
    FROM checks WHERE target_id IN (SELECT id FROM seen)),
  'down', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT id::text AS id, key, name, labels, method, url, down_since AS since, down_cause AS cause,
      extract(epoch FROM now() - down_since)::float8 AS "forS"
    FROM seen WHERE state = 'down' ORDER BY down_since, seen.id LIMIT $2::integer) AS one),
  'unknown', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT id::text AS id, key, name, labels, method, url, last_at AS "lastCheckAt",
      CASE WHEN NOT is_overdue THEN last_cause END AS cause -- that of its last check is not why it is unknown
    FROM seen WHERE state = 'unknown' ORDER BY last_at NULLS FIRST, seen.id LIMIT $2::integer) AS one),
  'slowest', (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT id::text AS id, key, name, labels, method, url, round(mean_ms, 1) AS "meanMs", round(max_ms, 1) AS "maxMs"
    FROM checks JOIN seen ON id = target_id
    WHERE state <> 'disabled' AND mean_ms IS NOT NULL ORDER BY mean_ms DESC LIMIT $2::integer) AS one)
) AS status
