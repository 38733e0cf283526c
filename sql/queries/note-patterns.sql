-- Notes on targets whether their patterns can be run.
--
-- Parameters: one array each, one element a check: $1 bigint[] target_id, $2 integer[] target_version,
--             $3 text[] problem: the pattern is not to be run; null = see $4
--             $4 boolean[] breached: true = stopped at its deadline once more, false = it ran to its end
--             $5 integer breaches in a row that set a pattern aside
-- Returns:    nothing
-- Index:      the primary key
-- Locks:      the targets, skipping those held by others: the next check says it again
WITH seen AS MATERIALIZED (
  SELECT target_id, target_version, max(problem) AS problem,
    count(*) FILTER (WHERE breached) AS breaches, bool_and(breached) AS breached
  FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::boolean[])
    AS seen (target_id, target_version, problem, breached)
  GROUP BY target_id, target_version
),
present AS MATERIALIZED (
  SELECT id FROM website_monitor.monitored_targets
  WHERE id = ANY (ARRAY(SELECT target_id FROM seen))
  ORDER BY id
  FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE website_monitor.monitored_targets AS target
SET regex_breaches = CASE WHEN breached THEN least(target.regex_breaches + seen.breaches, 32767) ELSE 0 END,
  regex_problem = CASE
    WHEN seen.problem IS NOT NULL THEN seen.problem
    WHEN breached AND target.regex_breaches + seen.breaches >= $5::integer
      THEN 'set aside: stopped at its deadline ' || $5::integer || ' times in a row; edit the pattern'
  END
FROM seen
WHERE target.id = ANY (ARRAY(SELECT id FROM present)) AND target.id = seen.target_id
  AND target.version = seen.target_version AND target.regex_problem IS NULL
