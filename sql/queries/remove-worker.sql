-- Removes the row of a worker that has stopped.
--
-- Parameters: $1 uuid  of its start
-- Returns:    nothing
-- Index:      the primary key
-- Locks:      the row
DELETE FROM website_monitor.workers WHERE instance_id = $1
