-- Whether any target is enabled.
--
-- Returns: has_targets boolean
SELECT EXISTS (SELECT FROM website_monitor.target_leases) AS has_targets
