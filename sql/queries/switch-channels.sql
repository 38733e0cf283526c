-- Enables or disables channels.
--
-- Parameters: $1 text[]  names; $2 boolean enabled
-- Returns:    name of each that there is; changed boolean, false if nothing had to change
WITH present AS MATERIALIZED (
  SELECT name FROM website_monitor.channels WHERE name = ANY ($1::text[])
),
switched AS (
  UPDATE website_monitor.channels SET enabled = $2::boolean
  WHERE name = ANY ($1::text[]) AND enabled <> $2::boolean
  RETURNING name
)
SELECT name, name IN (SELECT name FROM switched) AS changed FROM present ORDER BY name
