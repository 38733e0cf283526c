-- Reads alerts, the newest first.
--
-- Parameters: $1 boolean  also those that are over
--             $2 jsonb    only of targets with all of these labels; {} = all
--             $3 integer  maximum number of rows
-- Returns:    the fields of ListedAlert in lib/postgres/reports/alerts.ts
-- Indexes:    alerts_due for those that are not over, else the primary key
SELECT id::text AS id, kind::text AS kind, state::text AS state, held_by AS "heldBy", target_id::text AS "targetId", key, name,
  url, labels, subject, cause, detail, started_at AS since, ended_at AS until,
  extract(epoch FROM coalesce(ended_at, now()) - started_at)::float8 AS "forS", incidents, opened_at AS "openedAt",
  closed_at AS "closedAt", ending, acknowledged_at AS "acknowledgedAt", acknowledged_by AS "acknowledgedBy"
FROM website_monitor.alerts
WHERE ($1::boolean OR state <> 'closed') AND ($2::jsonb = '{}' OR labels @> $2::jsonb)
ORDER BY id DESC LIMIT $3::integer
