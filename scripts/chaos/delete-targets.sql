-- Parameters: $1 integer  how many targets
--             $2 bigint   decides which
DELETE FROM website_monitor.monitored_targets
WHERE id IN (SELECT id FROM website_monitor.monitored_targets ORDER BY hashint8extended(id, $2) LIMIT $1)
