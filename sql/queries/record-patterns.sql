-- Records whether patterns can be run. Sets a pattern aside after too many overruns in a row.
--
-- Parameters: parallel arrays, one element per check: $1 bigint[] target_id, $2 integer[] target_version,
--             $3 text[] problem: why the pattern must not be run; null = see $4
--             $4 boolean[] overran: true = the search ran past its limit, false = it ended in time
--             $5 integer overruns in a row that set a pattern aside
-- Returns:    nothing
-- Index:      the primary key
-- Locks:      the targets, skipping locked ones: the next check shows the same
WITH seen AS MATERIALIZED (
  SELECT target_id, target_version, max(problem) AS problem,
    count(*) FILTER (WHERE overran) AS overruns, bool_and(overran) AS overran
  FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::boolean[])
    AS seen (target_id, target_version, problem, overran)
  GROUP BY target_id, target_version
),
present AS MATERIALIZED (
  SELECT id FROM website_monitor.monitored_targets
  WHERE id = ANY (ARRAY(SELECT target_id FROM seen))
  ORDER BY id
  FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE website_monitor.monitored_targets AS target
SET regex_breaches = CASE WHEN overran THEN least(target.regex_breaches + seen.overruns, 32767) ELSE 0 END,
  regex_problem = CASE
    WHEN seen.problem IS NOT NULL THEN seen.problem
    WHEN overran AND target.regex_breaches + seen.overruns >= $5::integer
      THEN 'set aside: overran its limit ' || $5::integer || ' times in a row; edit the pattern'
  END
FROM seen
WHERE target.id = ANY (ARRAY(SELECT id FROM present)) AND target.id = seen.target_id
  AND target.version = seen.target_version AND target.regex_problem IS NULL
