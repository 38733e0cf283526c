-- Reads a page of targets with their state now, without possible secrets, ordered by id.
--
-- Parameters: $1 bigint   last id of the previous page; 0 for the first page
--             $2 text     only urls that contain this text; null = all
--             $3 jsonb    only targets with all of these labels; {} = all
--             $4 integer  maximum number of rows
-- Returns:    id, method, url, key, name, labels, every_s float8, the columns of target_states, for_s float8: seconds
--             since `since`, row: all columns of the view targets
-- Indexes:    the primary keys of monitored_targets, check_results and incidents
WITH page AS MATERIALIZED (
  SELECT target.*
  FROM website_monitor.targets AS target
  -- Selects the page first: with only a LIMIT, the planner read the joined tables whole for every page
  WHERE id = ANY (ARRAY(
    SELECT id FROM website_monitor.targets
    WHERE id > $1::bigint AND ($2::text IS NULL OR strpos(lower(url), lower($2::text)) > 0) AND labels @> $3::jsonb
    ORDER BY id LIMIT $4::integer))
)
SELECT page.id::text AS id, method, url, key, name, labels, extract(epoch FROM check_interval)::float8 AS every_s,
  shown.state, shown.since, extract(epoch FROM now() - shown.since)::float8 AS for_s, shown.is_overdue, shown.last_check_at,
  shown.http_status, shown.total_us, shown.cause::text AS cause,
  to_jsonb(page) || jsonb_build_object('id', page.id::text, 'depends_on', depends_on::text) AS row
FROM page
JOIN website_monitor.target_states AS shown ON shown.target_id = page.id
ORDER BY page.id
