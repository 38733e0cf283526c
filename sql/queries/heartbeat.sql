-- The slow safety pass and the listener's heartbeat in one statement: sends a notification that must
-- come back to the sender, and looks whether work is due that no wake-up told of.
--
-- Parameters: $1 text     the payload by which the sender knows its own echo; others ignore it
--             $2 integer  days before its expiry from which on a certificate is counted
-- Returns:    due boolean
--             certificate_expires_s float8, the earliest expiry of all, in seconds since 1970; null = none known
--             certificates_expiring integer, 1000 at most
-- Indexes:    target_leases_next_fire_at, lease_batches_expires_at, target_certificates_expires_at
-- Locks:      NOTIFY's own, for the length of this commit; four times a minute per worker
SELECT
  -- The least of all and not EXISTS, which was planned as a scan of the whole table
  least((SELECT min(next_fire_at) FROM website_monitor.target_leases),
    (SELECT min(expires_at) FROM website_monitor.lease_batches)) <= now() IS TRUE AS due,
  extract(epoch FROM (SELECT min(expires_at) FROM website_monitor.target_certificates))::float8 AS certificate_expires_s,
  (SELECT count(*) FROM (
    SELECT FROM website_monitor.target_certificates
    WHERE expires_at < now() + $2::integer * interval '1 d' ORDER BY expires_at LIMIT 1000
  ) AS expiring)::integer AS certificates_expiring,
  pg_notify('website_monitor', $1)
