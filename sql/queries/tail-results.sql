-- Reads the checks recorded since the previous call, and the snapshot for the next call.
--
-- Slots are recorded in no particular order, so rows are selected by the transaction that wrote them: the previous
-- snapshot does not contain it. That finds each row once, even after a late commit. Reads only slots of a period, by
-- default the last two minutes; checks recorded later than that are not shown.
--
-- Parameters: $1 text    snapshot of the previous call; null = all of the period
--             $2 text    only urls that contain this text; null = all
--             $3 text[]  outcomes, $4 text[] causes: only these; null = all
--             $5 jsonb   only targets with all of these labels; {} = all
--             $6 float8  length of the period, in ms; null = everything recorded
--             $7 integer maximum number of checks, the latest ones; null = all
-- Returns:    snapshot text; checks json, an array ordered by start
-- Index:      check_results_scheduled_at if it exists, else scans today's partition; the primary keys
WITH latest AS MATERIALIZED (
  SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next_id
),
recent AS MATERIALIZED (
  SELECT target_id, scheduled_at, started_at, outcome, cause, http_status, regex_match, body_cut, rechecks, first_cause,
    total_us, dns_us, connect_us, tls_us, ttfb_us, transfer_us
  FROM website_monitor.check_results
  WHERE scheduled_at BETWEEN coalesce(now() - $6::float8 * interval '1 ms', '-infinity') AND now() + interval '1 min'
    AND ($3::text[] IS NULL OR outcome::text = ANY ($3::text[]))
    AND ($4::text[] IS NULL OR cause::text = ANY ($4::text[]))
    AND ($1::text IS NULL OR (
      -- First a cheap filter by transaction age: most rows are older than the previous snapshot
      age(xmin) <= (SELECT next_id - pg_snapshot_xmin($1::pg_snapshot)::text::bigint FROM latest) + 1
      -- The row has the lower half of the id; the upper half is that of the newest transaction, or one less
      AND NOT pg_visible_in_snapshot(
        (((SELECT next_id FROM latest) - (((SELECT next_id FROM latest) - xmin::text::bigint) & 4294967295))::text)::xid8,
        $1::pg_snapshot)))
)
SELECT pg_current_snapshot()::text AS snapshot, (
  SELECT coalesce(json_agg(one ORDER BY one."startedAt"), '[]') FROM (
    SELECT recent.started_at AS "startedAt", recent.scheduled_at AS "scheduledAt", recent.target_id::text AS "targetId",
      target.key, target.name, target.labels, target.method, target.url, recent.outcome, recent.cause, failure.detail, recent.http_status AS "httpStatus",
      recent.regex_match AS "regexMatch", recent.body_cut AS "bodyCut", recent.rechecks, recent.first_cause AS "firstCause",
      json_build_object('totalUs', total_us, 'dnsUs', dns_us, 'connectUs', connect_us, 'tlsUs', tls_us,
        'ttfbUs', ttfb_us, 'transferUs', transfer_us) AS phases
    FROM recent
    JOIN website_monitor.targets AS target ON target.id = recent.target_id
    LEFT JOIN website_monitor.failure_log AS failure
      ON failure.target_id = recent.target_id AND failure.scheduled_at = recent.scheduled_at
    WHERE ($2::text IS NULL OR strpos(lower(target.url), lower($2::text)) > 0) AND target.labels @> $5::jsonb
    ORDER BY recent.started_at DESC LIMIT $7::integer
  ) AS one
) AS checks
