-- Deletes channels. What waits for them is dropped.
--
-- Parameters: $1 text[]  names
-- Returns:    name of each
DELETE FROM website_monitor.channels WHERE name = ANY ($1::text[]) RETURNING name, true AS changed
