-- Disables enabled targets and enables disabled ones, a few more of the latter.
--
-- Parameters: $1 integer  how many targets
--             $2 bigint   decides which
UPDATE website_monitor.monitored_targets SET enabled = NOT enabled
WHERE id IN (SELECT id FROM website_monitor.monitored_targets ORDER BY hashint8extended(id, $2) LIMIT $1)
  OR NOT enabled AND id % 2 = $2 % 2
