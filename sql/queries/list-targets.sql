-- Targets without what may be secret, in the order of their ids, a page at a time.
--
-- Parameters: $1 bigint   the last id of the page before; 0 for the first
--             $2 text     only urls that contain it; null = all
--             $3 jsonb    only targets with all of these labels; {} = all
--             $4 integer  rows at most
-- Returns:    id, enabled, down boolean, every_s float8, method, url, key, name, labels, row json: all columns of the view
-- Index:      the primary key of monitored_targets
SELECT id::text AS id, enabled, down_since IS NOT NULL AS down, extract(epoch FROM check_interval)::float8 AS every_s,
  method, url, key, name, labels, to_json(target)::text AS row
FROM website_monitor.targets AS target
-- The page first: with a limit alone, what the view joins was read whole for each
WHERE id = ANY (ARRAY(
  SELECT id FROM website_monitor.targets
  WHERE id > $1::bigint AND ($2::text IS NULL OR strpos(lower(url), lower($2::text)) > 0) AND labels @> $3::jsonb
  ORDER BY id LIMIT $4::integer))
ORDER BY target.id
