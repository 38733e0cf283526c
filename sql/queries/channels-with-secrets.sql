-- Reads channels as they are sent to, with their secrets.
--
-- Parameters: $1 text[]  names; null = all that are enabled
-- Returns:    id, name, kind, url, secrets, "timeZone"
SELECT id::text AS id, name, kind, url, secrets, time_zone AS "timeZone"
FROM website_monitor.channels
WHERE CASE WHEN $1::text[] IS NULL THEN enabled ELSE name = ANY ($1::text[]) END
ORDER BY name
