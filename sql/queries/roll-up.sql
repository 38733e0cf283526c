-- Rolls up what is closed and not rolled up yet, for about a second.
--
-- Returns:    is_behind boolean: there is more to do
-- Locks:      one advisory lock; whoever finds it taken returns at once. See website_monitor.roll_up
SELECT website_monitor.roll_up() AS is_behind
