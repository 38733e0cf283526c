-- Makes the partitions of the days to come, of every table that has any.
--
-- Parameters: $1 integer  days ahead
-- Locks:      see website_monitor.ensure_partitions
SELECT website_monitor.ensure_partitions($1)
