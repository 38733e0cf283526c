-- Sends the listener's heartbeat, a notification that must come back to its sender, and looks for due work
-- that no wake-up announced: the slow safety pass.
--
-- Parameters: $1 text     payload by which the sender recognises its own echo; others ignore it
--             $2 integer  certificates are counted from this many days before they expire
-- Returns:    due boolean: slots or batches; alerts_due boolean: events, alerts or deliveries
--             certificate_expires_s float8, the earliest expiry of all, in seconds since 1970; null if none is known
--             certificates_expiring integer, at most 1000
-- Indexes:    target_leases_next_fire_at, lease_batches_expires_at, target_certificates_expires_at, alerts_due,
--             deliveries_waiting
-- Locks:      NOTIFY's global lock, during this commit; four times a minute per worker
SELECT
  least(website_monitor.next_slot_after('-infinity'), (SELECT min(expires_at) FROM website_monitor.lease_batches)) <= now() IS TRUE AS due,
  website_monitor.alerts_are_due() AS alerts_due,
  extract(epoch FROM (SELECT min(expires_at) FROM website_monitor.target_certificates))::float8 AS certificate_expires_s,
  (SELECT count(*) FROM (
    SELECT FROM website_monitor.target_certificates
    WHERE expires_at < now() + $2::integer * interval '1 d' ORDER BY expires_at LIMIT 1000
  ) AS expiring)::integer AS certificates_expiring,
  pg_notify('website_monitor', $1)
