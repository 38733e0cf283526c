-- Edits targets; every other edit changes the interval, and with it the grid, and some take the website down or up.
--
-- Parameters: $1 integer  how many targets
--             $2 bigint   decides which
--             $3, $4 integer  shortest and longest interval in seconds
--             $5, $6 text  under which targets are up and down
UPDATE website_monitor.monitored_targets SET
  url = CASE
    WHEN url LIKE $6 || '/%' THEN $5 || substr(url, length($6) + 1)
    WHEN id % 3 = 0 THEN $6 || substr(url, length($5) + 1)
    ELSE url
  END,
  default_headers = jsonb_build_object('x-edit', $2::text),
  check_interval = CASE
    WHEN id % 2 = 0 THEN check_interval
    ELSE ($3::integer + (id + version) % ($4::integer - $3::integer + 1)) * interval '1 s'
  END
WHERE id IN (SELECT id FROM website_monitor.monitored_targets ORDER BY hashint8extended(id, $2) LIMIT $1)
