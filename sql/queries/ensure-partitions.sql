-- Creates the partitions of the coming days for every partitioned table.
--
-- Parameters: $1 integer  days ahead
-- Locks:      see website_monitor.ensure_partitions
SELECT website_monitor.ensure_partitions($1)
