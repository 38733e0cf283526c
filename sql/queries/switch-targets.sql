-- Enables or disables the targets named.
--
-- Parameters: $1 bigint[] ids, $2 text[] urls, $3 boolean enabled
-- Returns:    id, method, url of each; changed boolean, false where it was so already
-- Indexes:    the primary key, monitored_targets_url
WITH present AS MATERIALIZED (
  SELECT id, method, url FROM website_monitor.monitored_targets
  WHERE id = ANY ($1::bigint[]) OR url = ANY ($2::text[])
),
switched AS (
  UPDATE website_monitor.monitored_targets SET enabled = $3::boolean
  WHERE id = ANY (ARRAY(SELECT id FROM present)) AND enabled <> $3::boolean
  RETURNING id
)
SELECT id::text AS id, method, url, id IN (SELECT id FROM switched) AS changed
FROM present ORDER BY present.id
