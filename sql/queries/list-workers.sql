-- Lists workers, those that were seen last first.
--
-- Returns:    name, version, startedAt, seenAt; isStale: it was not seen for a minute, four heartbeats; upS, seenAgoS, lagMs,
--             running, places, slow, slowPlaces, targetsKnown, targetsDown
-- Index:      none is needed: workers are few
SELECT name, version, started_at AS "startedAt", seen_at AS "seenAt", seen_at < now() - interval '1 min' AS "isStale",
  extract(epoch FROM now() - started_at)::float8 AS "upS", extract(epoch FROM now() - seen_at)::float8 AS "seenAgoS",
  lag_ms AS "lagMs", running, places, slow, slow_places AS "slowPlaces", targets_known AS "targetsKnown",
  targets_down AS "targetsDown"
FROM website_monitor.workers
ORDER BY seen_at < now() - interval '1 min', name, started_at
