-- Finds a target, and reads its latest checks and incidents.
--
-- Parameters: $1 bigint   id, or
--             $2 text     key, or
--             $3 text[]   all spellings of a url, without its query; of several targets, the first is shown
--             $4 integer  maximum number of checks, and of incidents
-- Returns:    id text; found integer, how many targets fit; checks json, latest first; incidents json, latest first
-- Indexes:    the primary keys, the unique index on key; a url is searched in all targets
WITH fitting AS MATERIALIZED (
  SELECT id FROM website_monitor.targets WHERE id = $1::bigint OR key = $2::text
  UNION
  -- The view hides queries, which may be secrets, from readers
  SELECT id FROM website_monitor.targets WHERE url = ANY ($3::text[])
)
SELECT target.id::text AS id, (SELECT count(*) FROM fitting)::integer AS found,
  (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT result.scheduled_at AS "scheduledAt", result.started_at AS "startedAt", result.outcome, result.cause, failure.detail,
      result.http_status AS "httpStatus", result.total_us AS "totalUs"
    FROM website_monitor.check_results AS result
    LEFT JOIN website_monitor.failure_log AS failure
      ON failure.target_id = result.target_id AND failure.scheduled_at = result.scheduled_at
    WHERE result.target_id = target.id ORDER BY result.scheduled_at DESC LIMIT $4::integer) AS one) AS checks,
  (SELECT coalesce(json_agg(one), '[]') FROM (
    SELECT started_at AS "startedAt", ended_at AS "endedAt", cause, detail
    FROM website_monitor.incidents WHERE target_id = target.id
    ORDER BY started_at DESC LIMIT $4::integer) AS one) AS incidents
FROM (SELECT min(id) AS id FROM fitting) AS target WHERE target.id IS NOT NULL
