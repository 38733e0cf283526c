-- Reads a page of targets with their state now, without possible secrets, ordered by id.
--
-- Parameters: $1 bigint   last id of the previous page; 0 for the first page
--             $2 text     only urls that contain this text; null = all
--             $3 jsonb    only targets with all of these labels; {} = all
--             $4 integer  maximum number of rows
-- Returns:    id, method, url, key, name, labels, every_s float8; state: 'up', 'down', 'unknown' or 'disabled';
--             since: when it became so, as far as is known; for_s float8: seconds since then; of the last check,
--             unless no worker checks the target: last_check_at, http_status, total_us, cause; is_overdue boolean;
--             row: all columns of the view
-- Indexes:    the primary keys of monitored_targets, check_results and incidents
WITH page AS MATERIALIZED (
  SELECT target.*,
    -- Not leased a whole interval after its slot: no worker checks it, as in status.sql
    enabled AND next_fire_at < now() - greatest(check_interval, interval '30 s') AS is_overdue
  FROM website_monitor.targets AS target
  -- Selects the page first: with only a LIMIT, the planner read the joined tables whole for every page
  WHERE id = ANY (ARRAY(
    SELECT id FROM website_monitor.targets
    WHERE id > $1::bigint AND ($2::text IS NULL OR strpos(lower(url), lower($2::text)) > 0) AND labels @> $3::jsonb
    ORDER BY id LIMIT $4::integer))
),
seen AS (
  SELECT page.*, last.*, CASE
      WHEN NOT enabled THEN 'disabled'
      WHEN is_overdue OR last.outcome IS NULL THEN 'unknown'
      WHEN down_since IS NOT NULL THEN 'down'
      ELSE last.outcome::text
    END AS state
  FROM page
  LEFT JOIN LATERAL (
    SELECT scheduled_at AS last_check_at, outcome, http_status, total_us, cause FROM website_monitor.check_results
    WHERE target_id = page.id AND page.enabled AND NOT page.is_overdue
      AND scheduled_at BETWEEN now() - (2 * page.check_interval + interval '5 min') AND now()
    ORDER BY scheduled_at DESC LIMIT 1
  ) AS last ON true
)
SELECT seen.id::text AS id, method, url, key, name, labels, extract(epoch FROM check_interval)::float8 AS every_s,
  state, since, extract(epoch FROM now() - since)::float8 AS for_s, last_check_at, http_status, total_us,
  coalesce(cause, CASE WHEN state = 'down' THEN down_cause END)::text AS cause, is_overdue,
  (SELECT to_jsonb(target) || jsonb_build_object('id', target.id::text, 'depends_on', target.depends_on::text)
   FROM website_monitor.targets AS target WHERE target.id = seen.id) AS row
FROM seen
CROSS JOIN LATERAL (SELECT CASE
  WHEN state = 'disabled' THEN updated_at
  WHEN state = 'down' THEN down_since
  WHEN is_overdue THEN next_fire_at
  WHEN state = 'up' THEN coalesce(
    (SELECT ended_at FROM website_monitor.incidents WHERE target_id = seen.id ORDER BY started_at DESC LIMIT 1), created_at)
  ELSE coalesce(last_check_at, created_at)
END AS since) AS beginning
ORDER BY seen.id
