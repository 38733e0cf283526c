-- Sends again what channels were not sent because it was given up.
--
-- Parameters: $1 text[]  names of channels
-- Returns:    name of each that there is; resent integer, how many messages
SELECT name, website_monitor.resend_deliveries(id)::integer AS resent
FROM website_monitor.channels WHERE name = ANY ($1::text[]) ORDER BY name
