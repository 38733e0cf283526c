-- Notes that targets are unknown, for keep-conditions.sql, which finds out when they are not any more.
--
-- Parameters: parallel arrays, one element per check that was unknown: $1 bigint[] target_id, $2 timestamptz[] its slot
-- Returns:    nothing
-- Index:      the primary key
-- Locks:      the rows that it inserts
INSERT INTO website_monitor.unknown_targets (target_id, since)
SELECT target_id, min(slot) FROM unnest($1::bigint[], $2::timestamptz[]) AS seen (target_id, slot)
GROUP BY target_id ORDER BY target_id -- in one order everywhere, so that two statements cannot deadlock
ON CONFLICT DO NOTHING
