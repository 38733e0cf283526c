-- Rolls up closed buckets for about a second.
--
-- Returns:    is_behind boolean: true if there is more to do
-- Locks:      a row of rollup_progress; returns at once if another session holds it. See website_monitor.roll_up
SELECT website_monitor.roll_up() AS is_behind
