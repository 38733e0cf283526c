-- What a period amounts to, for each target: of months, days, hours and minutes that are rolled up, and of the checks
-- themselves where they are newer than that, or where the period begins or ends within a minute.

-- What a period is made of: stretches of tables, none that is empty. An edge that is finer than what is kept of that age
-- is left out: it begins, or ends, with a whole minute, hour or day then.
CREATE FUNCTION website_monitor.parts_of_period(since timestamptz, until timestamptz)
  RETURNS TABLE (relation text, part_since timestamptz, part_until timestamptz)
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  checks website_monitor.rollup_progress;
  finer website_monitor.rollup_progress;
  coarser website_monitor.rollup_progress;
  inner_since timestamptz;
  inner_until timestamptz;
BEGIN
  until := least(until, now());
  -- From the edges inwards: what lies beyond the whole buckets of a size is made of the size before it.
  FOR coarser IN SELECT * FROM website_monitor.rollup_progress
    ORDER BY array_position(ARRAY['check', 'minute', 'hour', 'day', 'month'], size)
  LOOP
    IF coarser.size = 'check' THEN
      checks := coarser;
    ELSE
      inner_since := least(website_monitor.bucket_from(coarser.size, since), until);
      inner_until := greatest(least(website_monitor.bucket_of(coarser.size, until), coarser.closed_until), inner_since);
      FOR part_since, part_until IN VALUES (since, inner_since), (inner_until, until) LOOP
        relation := CASE
          WHEN part_since >= finer.kept_since AND finer.size <> 'check' THEN 'rollups_' || finer.size
          WHEN part_since >= checks.kept_since THEN 'check_results' END;
        IF part_since < part_until AND relation IS NOT NULL THEN
          RETURN NEXT;
        END IF;
      END LOOP;
      since := inner_since;
      until := inner_until;
    END IF;
    finer := coarser;
  END LOOP;
  IF since < until THEN
    relation := 'rollups_month';
    part_since := since;
    part_until := until;
    RETURN NEXT;
  END IF;
END
$$;

-- A query of the columns named of rollups, for a period: one row for each rollup, or each check or gap slot where these
-- are counted one by one. Its $1 is the targets, or null for all. A text with its moments in it, and not a function to be
-- inlined: planned for what it reads, and for nothing else.
CREATE FUNCTION website_monitor.rollups_query(since timestamptz, until timestamptz, target_ids bigint[], names text[])
  RETURNS text
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT string_agg(CASE relation
    WHEN 'check_results' THEN format(
      'SELECT target_id, %1$s FROM website_monitor.check_results WHERE scheduled_at >= %3$L AND scheduled_at < %4$L%5$s
       UNION ALL
       SELECT target_id, %2$s FROM website_monitor.check_gaps,
         website_monitor.slots_of_gap(first_slot, last_slot, slot_interval, %3$L, %4$L)
       WHERE last_slot >= %3$L AND first_slot < %4$L%5$s',
      of_check, of_gap_slot, part_since, part_until, wanted)
    ELSE format('SELECT target_id, %s FROM website_monitor.%I WHERE bucket >= %L AND bucket < %L%s',
      array_to_string(names, ', '), relation, part_since, part_until, wanted)
    END, ' UNION ALL ')
  FROM website_monitor.parts_of_period(since, until),
    (SELECT CASE WHEN target_ids IS NULL THEN '' ELSE ' AND target_id = ANY ($1)' END AS wanted) AS condition,
    (
      SELECT string_agg(format('CASE WHEN %s THEN %s END', replace(condition, 'answered', 'http_status IS NOT NULL'),
          CASE name WHEN 'duration_sum_us' THEN 'total_us::bigint' ELSE '1' END), ', ') AS of_check,
        string_agg(CASE name WHEN 'gap_slots' THEN '1' WHEN 'duration_sum_us' THEN 'NULL::bigint' ELSE 'NULL::integer' END,
          ', ') AS of_gap_slot
      FROM website_monitor.rollup_columns() WHERE name = ANY (names)
    ) AS slots;
END;

-- How much of a period each target was up. What is not known, for a check could not tell or nobody ran it, counts
-- for nothing in `uptime`, and against `coverage`. Null where nothing is known, or nothing was due. Of all targets,
-- or of those named.
CREATE FUNCTION website_monitor.uptime(since timestamptz, until timestamptz, target_ids bigint[] DEFAULT NULL)
  RETURNS TABLE (
    target_id bigint, up bigint, down bigint, unknown bigint, gap_slots bigint,
    uptime double precision, -- up / (up + down)
    coverage double precision) -- (up + down) / all slots that fell due
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
  SET jit = off -- which took longer than the query
AS $$
BEGIN
  RETURN QUERY EXECUTE format(
    'SELECT target_id, up, down, unknown, gap_slots, up::float8 / nullif(up + down, 0),
       (up + down)::float8 / nullif(up + down + unknown + gap_slots, 0)
     FROM (
       SELECT target_id, coalesce(sum(up), 0) AS up, coalesce(sum(down), 0) AS down,
         coalesce(sum(unknown), 0) AS unknown, coalesce(sum(gap_slots), 0) AS gap_slots
       FROM (%s) AS part (target_id, up, down, unknown, gap_slots) GROUP BY target_id
     ) AS counted',
    coalesce(website_monitor.rollups_query(since, until, target_ids, '{up,down,unknown,gap_slots}'),
      'SELECT NULL::bigint, 0, 0, 0, 0 WHERE false'))
  USING target_ids;
END
$$;

-- The latency, in ms, that each of `fractions` (ascending, in (0, 1)) of the checks in a histogram stayed below, taken to
-- lie evenly within its column: so it is off by less than the column is wide. 10000 where it is that or more.
CREATE FUNCTION website_monitor.latency_percentiles(histogram bigint[], fractions double precision[])
  RETURNS double precision[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  from_ms constant integer[] := '{0,1,2,3,5,7,10,15,20,30,50,70,100,150,200,300,500,700,1000,1500,2000,3000,5000,10000,10000}';
  total bigint := 0;
  below bigint := 0;
  place integer := 1;
  checks bigint;
  fraction double precision;
  percentiles double precision[] := '{}';
BEGIN
  FOREACH checks IN ARRAY histogram LOOP
    total := total + coalesce(checks, 0);
  END LOOP;
  FOREACH fraction IN ARRAY fractions LOOP
    WHILE below + coalesce(histogram[place], 0) < fraction * total LOOP
      below := below + coalesce(histogram[place], 0);
      place := place + 1;
    END LOOP;
    percentiles := percentiles
      || (from_ms[place] + (from_ms[place + 1] - from_ms[place]) * (fraction * total - below) / nullif(histogram[place], 0));
  END LOOP;
  RETURN percentiles;
END
$$;

-- What the answers of each target took in a period, redirects included: of all targets that have any, or of those named.
CREATE FUNCTION website_monitor.latency(since timestamptz, until timestamptz, target_ids bigint[] DEFAULT NULL)
  RETURNS TABLE (
    target_id bigint, answered bigint, mean_ms double precision,
    p50_ms double precision, p90_ms double precision, p95_ms double precision, p99_ms double precision)
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
  names text[] := ARRAY(SELECT name FROM website_monitor.rollup_columns() WHERE name = 'duration_sum_us' OR name ~ '^(answered|from_)');
  query text := website_monitor.rollups_query(since, until, target_ids, names);
BEGIN
  IF query IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY EXECUTE format(
    'SELECT target_id, answered, duration_sum_us::float8 / answered / 1000,
       percentiles[1], percentiles[2], percentiles[3], percentiles[4]
     FROM (
       SELECT target_id, sum(answered) AS answered, sum(duration_sum_us) AS duration_sum_us,
         website_monitor.latency_percentiles(ARRAY[%s], ''{0.5,0.9,0.95,0.99}'') AS percentiles
       FROM (%s) AS part (target_id, %s) GROUP BY target_id HAVING sum(answered) > 0
       OFFSET 0 -- or each percentile would work all of them out anew
     ) AS answers',
    (SELECT string_agg(format('sum(%I)', name), ', ' ORDER BY place)
      FROM unnest(names) WITH ORDINALITY AS latency (name, place) WHERE name ~ '^from_'), query,
    array_to_string(names, ', '))
  USING target_ids;
END
$$;

-- uptime_24h, uptime_7d, uptime_30d, uptime_365d, and the same of latency: of all targets, until now.
DO $$
DECLARE
  what text;
  days integer;
BEGIN
  FOREACH what IN ARRAY ARRAY['uptime', 'latency'] LOOP
    FOREACH days IN ARRAY ARRAY[1, 7, 30, 365] LOOP
      EXECUTE format('CREATE VIEW website_monitor.%I AS SELECT * FROM website_monitor.%I(now() - interval ''%s h'', now())',
        what || CASE days WHEN 1 THEN '_24h' ELSE format('_%sd', days) END, what, 24 * days);
    END LOOP;
  END LOOP;
END
$$;
