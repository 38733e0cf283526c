-- Checks whether workers run due slots.
--
-- Returns: has_targets boolean
--          overdue integer, targets due for a minute or more, at most 1000
-- Index:   target_leases_next_fire_at
SELECT EXISTS (SELECT FROM website_monitor.target_leases) AS has_targets,
  (SELECT count(*) FROM (
    SELECT FROM website_monitor.target_leases
    WHERE next_fire_at < now() - interval '1 min' ORDER BY next_fire_at LIMIT 1000
  ) AS due)::integer AS overdue
