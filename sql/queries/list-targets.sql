-- Reads a page of targets without possible secrets, ordered by id.
--
-- Parameters: $1 bigint   last id of the previous page; 0 for the first page
--             $2 text     only urls that contain this text; null = all
--             $3 jsonb    only targets with all of these labels; {} = all
--             $4 integer  maximum number of rows
-- Returns:    id, enabled, down boolean, every_s float8, method, url, key, name, labels; row json, all columns of
--             the view
-- Index:      the primary key of monitored_targets
SELECT id::text AS id, enabled, down_since IS NOT NULL AS down, extract(epoch FROM check_interval)::float8 AS every_s,
  method, url, key, name, labels, to_json(target)::text AS row
FROM website_monitor.targets AS target
-- Selects the page first: with only a LIMIT, the planner read the joined tables whole for every page
WHERE id = ANY (ARRAY(
  SELECT id FROM website_monitor.targets
  WHERE id > $1::bigint AND ($2::text IS NULL OR strpos(lower(url), lower($2::text)) > 0) AND labels @> $3::jsonb
  ORDER BY id LIMIT $4::integer))
ORDER BY target.id
