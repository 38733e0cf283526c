-- Opens and ends the conditions of slow targets. A target is slow once its last three known checks were up and took longer
-- than its slow_above, until three did not. Reads recorded checks only, so that a crash loses nothing.
--
-- Parameters: $1 bigint[]  targets that were checked
-- Returns:    nothing
-- Index:      the primary keys of monitored_targets and check_results, conditions_open
-- Locks:      the conditions
WITH judged AS MATERIALIZED (
  SELECT target.id AS target_id, slow = 3 AS is_slow, fast = 3 AS is_fast, since,
    format('three checks in a row took longer than %s ms, the last one %s ms',
      round(extract(epoch FROM slow_above) * 1000), round(last_us / 1000.0)) AS detail
  FROM website_monitor.monitored_targets AS target
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE outcome = 'up' AND took > slow_above) AS slow,
      count(*) FILTER (WHERE outcome = 'up' AND took <= slow_above) AS fast,
      min(scheduled_at) AS since, (array_agg(total_us ORDER BY scheduled_at DESC))[1] AS last_us
    FROM (
      SELECT outcome, scheduled_at, total_us, total_us * interval '1 us' AS took
      FROM website_monitor.check_results AS result
      WHERE result.target_id = target.id AND outcome <> 'unknown'
        AND scheduled_at > now() - greatest(10 * check_interval, interval '1 h') AND scheduled_at <= now() + interval '1 min'
      ORDER BY scheduled_at DESC LIMIT 3
    ) AS three
  ) AS last
  WHERE target.id = ANY ($1::bigint[]) AND enabled AND slow_above IS NOT NULL
),
opened AS (
  INSERT INTO website_monitor.conditions (kind, target_id, cause, detail, since)
  SELECT 'slow', target_id, 'slow', detail, since FROM judged
  WHERE is_slow AND NOT EXISTS (
    SELECT FROM website_monitor.conditions AS open
    WHERE open.kind = 'slow' AND coalesce(open.target_id, 0) = judged.target_id AND subject = '' AND ended_at IS NULL)
  ON CONFLICT DO NOTHING
)
UPDATE website_monitor.conditions AS open SET ended_at = now()
FROM judged
WHERE open.kind = 'slow' AND coalesce(open.target_id, 0) = judged.target_id AND open.subject = '' AND ended_at IS NULL AND is_fast
