-- Lists silences that are on now or come again: those that are on first, then by their next start.
--
-- Parameters: $1 boolean  announced
--             $2 bigint   only the one with this id, also if it is over; null = all
-- Returns:    id, name, labels, keys, everything, weekdays, monthDays, startTime, duration, timeZone, startsAt, endsAt,
--             createdBy, as in the table, duration as text; isOn; until: when that is over, null = when somebody ends it;
--             next and nextUntil: when it starts again and ends, null = it does not start again
SELECT silence.id::text AS id, name, labels, keys, everything, weekdays, month_days AS "monthDays",
  to_char(start_time, 'HH24:MI') AS "startTime", duration::text AS duration, time_zone AS "timeZone",
  silence.starts_at AS "startsAt", silence.ends_at AS "endsAt", created_by AS "createdBy",
  on_until IS NOT NULL AS "isOn", nullif(on_until, 'infinity') AS until,
  next.starts_at AS next, nullif(next.ends_at, 'infinity') AS "nextUntil"
FROM website_monitor.silences AS silence
CROSS JOIN LATERAL (SELECT website_monitor.silenced_until(silence, now()) AS on_until OFFSET 0) AS present
LEFT JOIN LATERAL website_monitor.next_silence(silence, now()) AS next ON true
WHERE announced = $1::boolean AND CASE
  WHEN $2::bigint IS NULL THEN
    coalesce(least(silence.ends_at, ended_at), 'infinity') > now() AND (on_until IS NOT NULL OR next.starts_at IS NOT NULL)
  ELSE silence.id = $2::bigint END
ORDER BY on_until IS NULL, next.starts_at NULLS LAST, silence.id
