-- Adds a target, or changes the one with this url and method where an option was given for it.
-- Under advisory-lock.sql, so that two starts do not add it twice.
--
-- Parameters: $1 text      url
--             $2 interval  check_interval, null = not said
--             $3 text      regex_pattern, null = not said
-- Returns:    change text: 'added', 'changed' or 'kept'
-- Index:      monitored_targets_url
WITH present AS MATERIALIZED (
  SELECT id FROM website_monitor.monitored_targets WHERE url = $1 AND method = 'GET' ORDER BY id LIMIT 1
),
changed AS (
  UPDATE website_monitor.monitored_targets
  SET check_interval = coalesce($2, check_interval), regex_pattern = coalesce($3, regex_pattern), enabled = true
  WHERE id = (SELECT id FROM present)
    AND (check_interval, regex_pattern, enabled)
      IS DISTINCT FROM (coalesce($2, check_interval), coalesce($3, regex_pattern), true)
  RETURNING id
),
added AS (
  INSERT INTO website_monitor.monitored_targets (url, check_interval, regex_pattern)
  SELECT $1, coalesce($2, interval '60 s'), $3
  WHERE NOT EXISTS (SELECT FROM present)
  RETURNING id
)
SELECT CASE
  WHEN EXISTS (SELECT FROM added) THEN 'added'
  WHEN EXISTS (SELECT FROM changed) THEN 'changed'
  ELSE 'kept'
END AS change
