-- Makes targets due again that wait for moments before the database's clock was set back. Reads all of target_leases:
-- only for a worker that saw the clock go back, or if its cheap signs show.
--
-- Parameters: $1 boolean  this worker saw it
-- Returns one row, or none if nothing shows: set_back_by_s float8, null if nothing waits; targets float8
-- Locks:      clock_set_backs; the rows of targets that wait
SELECT extract(epoch FROM set_back_by)::float8 AS set_back_by_s, targets::float8
FROM website_monitor.follow_clock_back()
WHERE $1::boolean OR website_monitor.clock_behind() IS NOT NULL
