-- Acknowledges alerts that are not over.
--
-- Parameters: $1 bigint[]  their ids; $2 text who; null = the session's user
-- Returns:    id, state, kind, title and acknowledgedBy (before) of each that there is; changed boolean
WITH acknowledged AS MATERIALIZED (
  SELECT id FROM website_monitor.acknowledge_alerts($1::bigint[], $2::text) AS id
)
SELECT alert.id::text AS id, state::text AS state, acknowledged_by AS "acknowledgedBy",
  coalesce(name, url, nullif(subject, ''), cause) AS title, kind::text AS kind,
  alert.id IN (SELECT id FROM acknowledged) AS changed
FROM website_monitor.alerts AS alert
WHERE alert.id = ANY ($1::bigint[])
ORDER BY alert.id
