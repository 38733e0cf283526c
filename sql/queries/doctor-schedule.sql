-- Checks whether workers run due slots.
--
-- Returns: has_targets boolean
--          overdue integer, targets due for a minute or more, at most 1000
--          clock_behind_s float8: by how much the database's clock was set back, while targets wait for it; else null
--          missed_most json: whose targets missed the most slots in ten minutes, and how many; null = none did
--          slow_most json: whose targets, on which host, found the slow lane full most often in ten minutes; null = none did
-- Indexes: target_leases_next_fire_at, check_gaps_last_slot
SELECT EXISTS (SELECT FROM website_monitor.target_leases) AS has_targets,
  extract(epoch FROM website_monitor.clock_behind())::float8 AS clock_behind_s,
  least(website_monitor.count_due(website_monitor.overdue_before(), 1000), 1000)::integer AS overdue,
  (
    SELECT json_build_object('createdBy', created_by, 'slots', sum(slots)::float8)
    FROM website_monitor.check_gaps AS gap JOIN website_monitor.monitored_targets AS target ON target.id = gap.target_id
    WHERE last_slot > now() - interval '10 min' AND reason = 'no_worker'
    GROUP BY created_by ORDER BY sum(slots) DESC LIMIT 1
  ) AS missed_most,
  (
    SELECT json_build_object('createdBy', created_by, 'host', website_monitor.url_host(url), 'slots', sum(slots)::float8)
    FROM website_monitor.check_gaps AS gap JOIN website_monitor.monitored_targets AS target ON target.id = gap.target_id
    WHERE last_slot > now() - interval '10 min' AND reason = 'slow_lane_full'
    GROUP BY created_by, website_monitor.url_host(url) ORDER BY sum(slots) DESC LIMIT 1
  ) AS slow_most
