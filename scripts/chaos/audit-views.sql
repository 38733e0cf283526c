-- Defines what the audit counts and shows examples of. Each view of problems is empty if all is well.
ANALYZE chaos.due, website_monitor.check_results, website_monitor.check_gaps;

CREATE VIEW chaos.accounts AS
SELECT due.*, result.target_id IS NOT NULL AS is_recorded, gap.gaps
FROM chaos.due
LEFT JOIN website_monitor.check_results AS result
  ON result.target_id = due.target_id AND result.scheduled_at = due.slot
CROSS JOIN LATERAL (
  SELECT count(*) AS gaps FROM website_monitor.check_gaps AS gap
  WHERE gap.target_id = due.target_id AND due.slot BETWEEN gap.first_slot AND gap.last_slot
) AS gap;

CREATE VIEW chaos.unaccounted AS
SELECT * FROM chaos.accounts WHERE gaps = 0 AND NOT is_recorded;

CREATE VIEW chaos.accounted_twice AS
SELECT * FROM chaos.accounts WHERE gaps > 1 OR gaps > 0 AND is_recorded;

CREATE VIEW chaos.duplicates AS
SELECT target_id, scheduled_at, count(*) FROM website_monitor.check_results
GROUP BY target_id, scheduled_at HAVING count(*) > 1;

-- The first slot is due at once, or is the next one on the grid. At once means after a slot of the former schedule that
-- was leased ahead.
CREATE VIEW chaos.begun_wrongly AS
SELECT * FROM (
  SELECT *, website_monitor.grid_origin(target_id, check_interval) AS grid_origin FROM chaos.schedules WHERE is_due
) AS schedule
WHERE (
  first_slot BETWEEN since AND noted_at + interval '300 ms 1 us'
  OR first_slot IN (
    date_bin(check_interval, since, grid_origin) + check_interval,
    date_bin(check_interval, noted_at, grid_origin) + check_interval)
) IS NOT TRUE;

-- chaos.due says nothing after the last slot examined, nor during and shortly after a change, when slots of the
-- former schedule may already have been leased early.
CREATE VIEW chaos.never_due AS
SELECT target_id, scheduled_at, started_at, target_version FROM website_monitor.check_results AS result
WHERE scheduled_at < (SELECT max(slot) FROM chaos.due)
  AND NOT EXISTS (SELECT FROM chaos.due WHERE due.target_id = result.target_id AND due.slot = result.scheduled_at)
  AND NOT EXISTS (
    SELECT FROM chaos.schedules AS change
    WHERE change.target_id = result.target_id AND result.scheduled_at BETWEEN change.since AND change.noted_at + interval '300 ms');

CREATE VIEW chaos.gaps_miscounted AS
SELECT gap.*, counted.slots_due
FROM website_monitor.check_gaps AS gap
CROSS JOIN LATERAL (
  SELECT count(*) AS slots_due FROM chaos.due
  WHERE due.target_id = gap.target_id AND due.slot BETWEEN gap.first_slot AND gap.last_slot
) AS counted
WHERE gap.last_slot < (SELECT max(slot) FROM chaos.due) AND gap.slots <> counted.slots_due
  AND NOT EXISTS (
    SELECT FROM chaos.schedules AS change
    WHERE change.target_id = gap.target_id AND gap.last_slot BETWEEN change.since AND change.noted_at + interval '300 ms');

CREATE VIEW chaos.checks AS
SELECT result.*, schedule.url
FROM website_monitor.check_results AS result
LEFT JOIN chaos.schedules AS schedule
  ON schedule.target_id = result.target_id AND schedule.version = result.target_version AND schedule.is_due;

-- Checks that are down although the website was up, or with a wrong cause. Late: the website had the request but
-- no answer 100 ms before the check timed out, which happens on a starved machine.
CREATE VIEW chaos.strange_downs AS
SELECT checks.*, coalesce(asked.is_late, false) AS is_late, asked.requests
FROM chaos.checks
CROSS JOIN LATERAL (
  -- The duration is that of the last attempt; earlier attempts are assumed to have taken as long
  SELECT bool_or(coalesce(answered_at, 'infinity') > checks.started_at + lasted.all_attempts - interval '100 ms')
      AS is_late,
    json_agg(request) AS requests
  FROM chaos.requests AS request,
    (SELECT total_us * (1 + coalesce(checks.rechecks, 0)) * interval '1 us' AS all_attempts) AS lasted
  WHERE request.url = checks.url AND at BETWEEN checks.started_at - interval '100 ms'
    AND checks.started_at + lasted.all_attempts + interval '1 s'
) AS asked
WHERE outcome = 'down' AND (checks.url LIKE '%/down/%' AND cause = 'http_status') IS NOT TRUE;

CREATE VIEW chaos.asked AS
-- After a lease expired, a website that is down may have received further requests. Edits move targets from one url to
-- another.
SELECT target.urls[1] AS url, counted.requests, results.answered,
  counted.expired * CASE WHEN target.was_down THEN 2 ELSE 1 END
    + results.unanswered + results.rechecks AS explanations
FROM (
  SELECT target_id, array_agg(DISTINCT url) AS urls, bool_or(url LIKE '%/down/%') AS was_down
  FROM chaos.schedules GROUP BY target_id
) AS target
CROSS JOIN LATERAL (
  SELECT (SELECT count(*) FROM chaos.requests WHERE requests.url = ANY (target.urls)) AS requests,
    (SELECT count(*) FROM chaos.expired_leases AS lease WHERE lease.target_id = target.target_id)
    + (SELECT count(*) FROM website_monitor.lease_batches, unnest(target_ids) AS leased (target_id)
        WHERE leased.target_id = target.target_id)
    -- An edit ends the check that is under way.
    + (SELECT coalesce(sum(slots), 0) FROM website_monitor.check_gaps AS gap
        WHERE gap.target_id = target.target_id AND reason IN ('target_deleted', 'target_disabled', 'target_edited')) AS expired
) AS counted
CROSS JOIN LATERAL (
  SELECT count(http_status) AS answered, count(*) - count(http_status) AS unanswered,
    coalesce(sum(result.rechecks), 0) AS rechecks -- attempts before the last, each with at most one request
  FROM website_monitor.check_results AS result WHERE result.target_id = target.target_id
) AS results;

-- From the start of a schedule to its first check, from check to check, and from the last to the end
CREATE VIEW chaos.unobserved AS
WITH schedule AS (
  SELECT *, least((SELECT max(slot) FROM chaos.due), lead(since) OVER (PARTITION BY target_id ORDER BY since)) AS ended_at
  FROM chaos.schedules
),
observed AS (
  SELECT target_id, version, check_interval, moment.at
  FROM schedule, unnest(ARRAY[since, ended_at]) AS moment (at)
  WHERE is_due
  UNION ALL
  SELECT schedule.target_id, version, check_interval, result.started_at
  FROM schedule
  JOIN website_monitor.check_results AS result
    ON result.target_id = schedule.target_id AND result.target_version = version
  WHERE is_due AND outcome <> 'unknown'
)
SELECT target_id, at, lead(at) OVER (PARTITION BY target_id, version ORDER BY at) - at - check_interval AS beyond_interval
FROM observed;
