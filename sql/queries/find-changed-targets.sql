-- Finds those of the named targets that have changed since they were leased.
--
-- Parameters: parallel arrays, one element per target: $1 bigint[] id, $2 integer[] version when leased
-- Returns:    target_id text, version as given, change: 'target_deleted', 'target_disabled' or 'target_edited'
-- Index:      the primary key; OFFSET 0 forces one index lookup per target, whatever the planner estimates
-- Locks:      none
SELECT leased.id::text AS target_id, leased.version,
  CASE WHEN target.id IS NULL THEN 'target_deleted' WHEN NOT target.enabled THEN 'target_disabled' ELSE 'target_edited' END
    AS change
FROM unnest($1::bigint[], $2::integer[]) AS leased (id, version)
LEFT JOIN LATERAL (
  SELECT id, enabled, version FROM website_monitor.monitored_targets WHERE id = leased.id OFFSET 0
) AS target ON true
WHERE target.id IS NULL OR NOT target.enabled OR target.version <> leased.version
