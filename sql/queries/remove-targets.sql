-- Deletes the selected targets. Keeps their history.
--
-- Parameters: $1 bigint[] ids, $2 text[] keys, $3 text[] urls in every spelling: matches any of these; all null = select by labels only
--             $4 jsonb    only targets with all of these labels; {} = all
-- Returns:    id, key, name, method, url of each; changed boolean, always true
-- Indexes:    the primary key, the unique index on key, monitored_targets_url
WITH removed AS (
  DELETE FROM website_monitor.monitored_targets
  WHERE ($1::bigint[] IS NULL OR id = ANY ($1::bigint[]) OR key = ANY ($2::text[]) OR url = ANY ($3::text[]))
    AND labels @> $4::jsonb
  RETURNING id, key, name, method, url
)
SELECT id::text AS id, key, name, method, url, true AS changed FROM removed ORDER BY removed.id
