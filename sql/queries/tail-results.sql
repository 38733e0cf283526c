-- The checks recorded since the last time that this was asked, and the moment to ask about the next time.
--
-- Slots are recorded in no order, so rows are told by the transaction that wrote them: it was under way, or had
-- not begun, when the snapshot before was taken. That finds each once, and none is lost to a late commit. Only
-- slots of the last two minutes are looked at; what is saved later than that is not shown.
--
-- Parameters: $1 text    the snapshot of the time before; null = all of these two minutes
--             $2 text    only urls that contain it; null = all
--             $3 text[]  outcomes, $4 text[] causes: only these; null = all
--             $5 jsonb   only targets with all of these labels; {} = all
-- Returns:    snapshot text, and checks json: an array in the order of their starts
-- Index:      check_results_scheduled_at where it is there, else today's partition is read; the primary keys
WITH latest AS MATERIALIZED (
  SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next_id
),
recent AS MATERIALIZED (
  SELECT target_id, scheduled_at, started_at, outcome, cause, http_status, regex_match, body_cut, rechecks, first_cause,
    total_us, dns_us, connect_us, tls_us, ttfb_us, transfer_us
  FROM website_monitor.check_results
  WHERE scheduled_at > now() - interval '2 min'
    AND ($3::text[] IS NULL OR outcome::text = ANY ($3::text[]))
    AND ($4::text[] IS NULL OR cause::text = ANY ($4::text[]))
    AND ($1::text IS NULL OR (
      -- First by the distance of transactions, which is cheap: most rows are older than the snapshot before
      age(xmin) <= (SELECT next_id - pg_snapshot_xmin($1::pg_snapshot)::text::bigint FROM latest) + 1
      -- The lower half of the id is in the row; the upper is the newest transaction's, or one less
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
  ) AS one
) AS checks
