-- Leases due targets and does nothing else: no journal, no gaps, no next due time.
UPDATE website_monitor.target_leases AS lease
SET next_fire_at = date_bin(lease.check_interval, now(), lease.grid_origin) + lease.check_interval
FROM website_monitor.monitored_targets AS target
WHERE target.id = lease.monitored_target_id AND lease.monitored_target_id = ANY (ARRAY(
  SELECT monitored_target_id FROM website_monitor.target_leases
  WHERE share = 0 AND next_fire_at <= now() ORDER BY next_fire_at LIMIT 200 FOR UPDATE SKIP LOCKED))
RETURNING target.url
