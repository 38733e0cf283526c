-- Deletes the targets named; what was recorded of them stays.
--
-- Parameters: $1 bigint[] ids, $2 text[] urls
-- Returns:    id, method, url, changed boolean: true
-- Indexes:    the primary key, monitored_targets_url
DELETE FROM website_monitor.monitored_targets WHERE id = ANY ($1::bigint[]) OR url = ANY ($2::text[])
RETURNING id::text AS id, method, url, true AS changed
