-- Adds a channel, or edits the one that has this name.
--
-- Parameters: $1 text   name
--             $2 jsonb  the columns that are said; the others stay as they are
--             $3 jsonb  columns of a new channel where $2 does not say them; null = only edit
-- Returns:    change text: added, changed or kept; no row if there is no such channel, and none may be added
-- Index:      the unique index on name
-- Locks:      the channel
WITH present AS MATERIALIZED (
  SELECT channel FROM website_monitor.channels AS channel WHERE name = $1 FOR UPDATE
),
wanted AS MATERIALIZED (
  SELECT (jsonb_populate_record(channel, $2::jsonb)).* FROM present
),
changed AS (
  UPDATE website_monitor.channels AS channel
  SET url = wanted.url, secrets = wanted.secrets, labels = wanted.labels, delay = wanted.delay,
    reminder = wanted.reminder, sends_resolved = wanted.sends_resolved, time_zone = wanted.time_zone,
    enabled = wanted.enabled
  FROM wanted
  WHERE channel.id = wanted.id AND channel IS DISTINCT FROM wanted::website_monitor.channels
  RETURNING channel.id
),
added AS (
  INSERT INTO website_monitor.channels (name, url, secrets, labels, delay, reminder, sends_resolved, time_zone)
  SELECT $1, url, secrets, labels, delay, reminder, sends_resolved, time_zone
  FROM jsonb_populate_record(NULL::website_monitor.channels,
    '{"secrets": [], "labels": {}, "delay": "0", "sends_resolved": true, "time_zone": "UTC"}' || $3::jsonb || $2::jsonb)
  WHERE $3 IS NOT NULL AND NOT EXISTS (SELECT FROM present)
  RETURNING id
)
SELECT 'added' AS change FROM added
UNION ALL
SELECT CASE WHEN EXISTS (SELECT FROM changed) THEN 'changed' ELSE 'kept' END FROM wanted
