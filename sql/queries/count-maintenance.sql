-- Counts the slots of one maintenance that has ended.
--
-- Returns:    is_behind boolean: true if there may be more to do
-- Locks:      a row of rollup_progress; returns at once if another session holds it. See website_monitor.count_maintenance
SELECT website_monitor.count_maintenance() AS is_behind
