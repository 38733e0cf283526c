-- Drops one partition whose rows are all past their retention.
--
-- Parameters: $1 integer  days for which results, failures and gaps are kept
-- Returns:    dropped boolean: there may be another
-- Locks:      its table exclusively while it drops; waits 50 ms for the lock at most. See
--             website_monitor.drop_old_partition
SELECT website_monitor.drop_old_partition($1) AS dropped
