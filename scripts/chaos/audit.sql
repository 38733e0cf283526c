-- Counts the rows in the views of audit-views.sql.
--
-- Returns one row: see Audit in audit.ts
WITH checks AS MATERIALIZED (SELECT * FROM chaos.checks),
accounts AS MATERIALIZED (SELECT * FROM chaos.accounts),
asked AS MATERIALIZED (SELECT *, greatest(requests - answered, 0) AS beyond FROM chaos.asked)
SELECT
  (SELECT count(*) FROM accounts)::float8 AS slots_due,
  (SELECT count(*) FROM accounts WHERE is_recorded)::float8 AS recorded,
  (SELECT count(*) FROM accounts WHERE gaps > 0 AND NOT is_recorded)::float8 AS in_gaps,
  (SELECT count(*) FROM chaos.unaccounted)::float8 AS unaccounted,
  (SELECT count(*) FROM chaos.accounted_twice)::float8 AS accounted_twice,
  (SELECT count(*) FROM chaos.duplicates)::float8 AS duplicates,
  (SELECT count(*) FROM chaos.begun_wrongly)::float8 AS begun_wrongly,
  (SELECT count(*) FROM chaos.never_due)::float8 AS never_due,
  (SELECT count(*) FROM chaos.gaps_miscounted)::float8 AS gaps_miscounted,
  (SELECT count(*) FROM checks WHERE outcome = 'up')::float8 AS up,
  (SELECT count(*) FROM checks WHERE outcome = 'down')::float8 AS down,
  (SELECT count(*) FROM checks WHERE outcome = 'unknown')::float8 AS unknown,
  (SELECT count(*) FROM chaos.strange_downs WHERE is_late)::float8 AS late_downs,
  (SELECT count(*) FROM chaos.strange_downs WHERE NOT is_late)::float8 AS false_downs,
  (SELECT count(*) FROM checks WHERE outcome = 'up' AND (url LIKE '%/up/%') IS NOT TRUE)::float8 AS false_ups,
  (SELECT count(*) FROM chaos.requests)::float8 AS requests,
  (SELECT coalesce(sum(beyond), 0) FROM asked)::float8 AS requests_beyond,
  (SELECT coalesce(sum(greatest(beyond - explanations, 0)), 0) FROM asked)::float8 AS requests_unexplained,
  (SELECT coalesce(sum(greatest(answered - requests, 0)), 0) FROM asked)::float8 AS checks_without_request,
  (SELECT extract(epoch FROM max(beyond_interval)) * 1000 FROM chaos.unobserved)::float8 AS unobserved_max_ms,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY lag_ms) AS lag_p50_ms,
  percentile_cont(0.99) WITHIN GROUP (ORDER BY lag_ms) AS lag_p99_ms,
  max(lag_ms) AS lag_max_ms
FROM (SELECT extract(epoch FROM started_at - scheduled_at)::float8 * 1000 AS lag_ms FROM checks) AS lags
