-- Shows where to look: at most three examples of each problem, the latest checks, and the causes of unknown ones.
--
-- Returns:    trouble (as in Audit), example (json as text)
SELECT trouble, example::text FROM (
  (SELECT 'unaccounted' AS trouble, to_json(one) AS example FROM chaos.unaccounted AS one LIMIT 3)
  UNION ALL
  (SELECT 'accounted_twice', to_json(one) FROM chaos.accounted_twice AS one LIMIT 3)
  UNION ALL
  (SELECT 'duplicates', to_json(one) FROM chaos.duplicates AS one LIMIT 3)
  UNION ALL
  (SELECT 'begun_wrongly', to_json(one) FROM chaos.begun_wrongly AS one LIMIT 3)
  UNION ALL
  (SELECT 'never_due', to_json(one) FROM chaos.never_due AS one LIMIT 3)
  UNION ALL
  (SELECT 'gaps_miscounted', to_json(one) FROM chaos.gaps_miscounted AS one LIMIT 3)
  UNION ALL
  (SELECT 'requests_unexplained', to_json(one) FROM chaos.asked AS one
    WHERE requests - answered > explanations LIMIT 3)
  UNION ALL
  (SELECT 'checks_without_request', to_json(one) FROM chaos.asked AS one WHERE answered > requests LIMIT 3)
  UNION ALL
  (SELECT CASE WHEN is_late THEN 'late_downs' ELSE 'false_downs' END, to_json(one) FROM (
    SELECT *, row_number() OVER (PARTITION BY is_late ORDER BY scheduled_at) FROM chaos.strange_downs) AS one
    WHERE row_number <= 3)
  UNION ALL
  (SELECT 'latest', to_json(one) FROM (
    SELECT target_id, scheduled_at, started_at, started_at - scheduled_at AS lag
    FROM website_monitor.check_results ORDER BY 4 DESC LIMIT 3) AS one)
  UNION ALL
  (SELECT 'unknown', json_build_object('cause', cause, 'worker', worker, 'detail', min(detail), 'checks', count(*))
    FROM website_monitor.failure_log JOIN website_monitor.check_results USING (target_id, scheduled_at, cause)
    WHERE outcome = 'unknown' GROUP BY cause, worker ORDER BY count(*) DESC LIMIT 3)
) AS found
