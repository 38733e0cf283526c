-- Pauses or resumes the selected targets.
--
-- Parameters: $1 bigint[] ids, $2 text[] keys, $3 text[] urls in every spelling: matches any of these; all null = select by labels only
--             $4 jsonb    only targets with all of these labels; {} = all
--             $5 boolean  enabled: true resumes, false pauses
-- Returns:    id, key, name, method, url of each; changed boolean, false if nothing had to change
-- Indexes:    the primary key, the unique index on key, monitored_targets_url
WITH present AS MATERIALIZED (
  SELECT id, key, name, method, url FROM website_monitor.monitored_targets
  WHERE ($1::bigint[] IS NULL OR id = ANY ($1::bigint[]) OR key = ANY ($2::text[]) OR url = ANY ($3::text[]))
    AND labels @> $4::jsonb
),
switched AS (
  UPDATE website_monitor.monitored_targets SET enabled = $5::boolean
  WHERE id = ANY (ARRAY(SELECT id FROM present)) AND enabled <> $5::boolean
  RETURNING id
)
SELECT id::text AS id, key, name, method, url, id IN (SELECT id FROM switched) AS changed
FROM present ORDER BY present.id
