-- Makes the daily partitions of check_results for the days to come.
--
-- Parameters: $1 integer  days ahead
-- Locks:      see website_monitor.ensure_partitions
SELECT website_monitor.ensure_partitions($1)
