-- The slow safety pass and the listener's heartbeat in one statement: sends a notification that must
-- come back to the sender, and looks whether work is due that no wake-up told of.
--
-- Parameters: $1 text  the payload by which the sender knows its own echo; others ignore it
-- Returns:    due boolean
-- Indexes:    target_leases_next_fire_at, lease_batches_expires_at
-- Locks:      NOTIFY's own, for the length of this commit; four times a minute per worker
SELECT
  -- The least of all and not EXISTS, which was planned as a scan of the whole table
  least((SELECT min(next_fire_at) FROM website_monitor.target_leases),
    (SELECT min(expires_at) FROM website_monitor.lease_batches)) <= now() IS TRUE AS due,
  pg_notify('website_monitor', $1)
