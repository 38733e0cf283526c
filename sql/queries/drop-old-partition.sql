-- Drops one partition whose rows are all past their retention.
--
-- Parameters: $1 integer  days for which results, failures and gaps are kept
-- Returns:    dropped boolean: true if it dropped one; there may be more
-- Locks:      its table exclusively while it drops; waits at most 50 ms for the lock. See
--             website_monitor.drop_old_partition
SELECT website_monitor.drop_old_partition($1) AS dropped
