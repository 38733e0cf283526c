-- Ends silences that are not over yet.
--
-- Parameters: $1 text[]   ids or names
--             $2 boolean  announced
-- Returns:    id, name of each
UPDATE website_monitor.silences SET ended_at = now()
WHERE announced = $2::boolean AND (id::text = ANY ($1::text[]) OR name = ANY ($1::text[]))
  AND coalesce(least(ends_at, ended_at), 'infinity') > now()
RETURNING id::text AS id, name
