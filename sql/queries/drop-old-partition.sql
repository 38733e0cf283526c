-- Drops one partition of which everything is older than it is kept for.
--
-- Parameters: $1 integer  days that results, failures and gaps are kept
-- Returns:    dropped boolean: there may be another
-- Locks:      its table's, against everyone, while it drops; waits 50 ms for it at most. See
--             website_monitor.drop_old_partition
SELECT website_monitor.drop_old_partition($1) AS dropped
