-- Adding many targets looks each of them up by an index. The planner expected a hundred spellings of each url and read the
-- whole table for each target instead: 10,000 targets took 23 s, and more than some thousands at once ran into a timeout.

CREATE OR REPLACE FUNCTION website_monitor.known_target(columns jsonb, spellings jsonb) RETURNS bigint
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
  SET datestyle = 'ISO, MDY' SET intervalstyle = postgres SET timezone = 'UTC' SET extra_float_digits = 1
  SET array_nulls = on SET standard_conforming_strings = on SET transform_null_equals = off SET quote_all_identifiers = off
BEGIN ATOMIC
  SELECT coalesce(
    (SELECT id FROM website_monitor.monitored_targets WHERE key = columns->>'key'),
    (SELECT min(target.id)
     FROM jsonb_array_elements_text(spellings) AS spelling CROSS JOIN LATERAL (
       SELECT id FROM website_monitor.monitored_targets
       WHERE url = spelling AND method = columns->>'method' AND key IS NULL
         AND (columns->>'key' IS NULL OR coalesce(managed_by = columns->>'managed_by', managed_by IS NULL))
       OFFSET 0) AS target));
END;

CREATE OR REPLACE FUNCTION website_monitor.put_targets(given jsonb, defaults jsonb)
  RETURNS TABLE (place integer, change text, keyed text)
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
  SET datestyle = 'ISO, MDY' SET intervalstyle = postgres SET timezone = 'UTC' SET extra_float_digits = 1
  SET array_nulls = on SET standard_conforming_strings = on SET transform_null_equals = off SET quote_all_identifiers = off
AS $$
DECLARE
  settable text := (SELECT string_agg(quote_ident(name), ', ') FROM website_monitor.settable_columns());
BEGIN
  RETURN QUERY EXECUTE format($statement$
    WITH given AS MATERIALIZED (
      SELECT place::integer, (element->>'needs_present')::boolean AS needs_present, id, element->'spellings' AS spellings,
        -- A file names what a target depends on by its key; 0 is no target's id
        element->'columns' || CASE WHEN element->'columns'->>'depends_on' IS NULL THEN '{}' ELSE jsonb_build_object(
          'depends_on', coalesce((SELECT id FROM website_monitor.monitored_targets
                                  WHERE key = element->'columns'->>'depends_on'), 0)) END AS columns
      FROM jsonb_array_elements($1) WITH ORDINALITY AS given (element, place),
        website_monitor.known_target(element->'columns', element->'spellings') AS id
    ),
    wanted AS MATERIALIZED (
      SELECT new.*
      FROM given
      JOIN website_monitor.monitored_targets AS known ON known.id = given.id,
        -- A url that is the same but for its spelling stays as it was written
        jsonb_populate_record(known, CASE WHEN spellings ? known.url THEN columns - 'url' ELSE columns END) AS new
      WHERE known IS DISTINCT FROM new
    ),
    changed AS (
      UPDATE website_monitor.monitored_targets AS target
      SET (%1$s) = (SELECT %1$s FROM wanted WHERE wanted.id = target.id)
      WHERE target.id = ANY (ARRAY(SELECT id FROM wanted))
      RETURNING id
    ),
    added AS (
      INSERT INTO website_monitor.monitored_targets (%1$s)
      SELECT %1$s FROM (
        SELECT place AS given_place, new.* FROM given,
          jsonb_populate_record(NULL::website_monitor.monitored_targets, $2 || columns) AS new
        WHERE given.id IS NULL AND NOT needs_present
      ) AS new
      ORDER BY given_place
    )
    SELECT place, CASE
      WHEN id IS NOT NULL THEN CASE WHEN id IN (SELECT id FROM changed) THEN 'changed' ELSE 'kept' END
      WHEN needs_present THEN 'missing'
      ELSE 'added'
    END,
    CASE WHEN id IS NULL AND columns->>'key' IS NULL THEN (
      SELECT min(target.key) FROM jsonb_array_elements_text(spellings) AS spelling CROSS JOIN LATERAL (
        SELECT key FROM website_monitor.monitored_targets
        WHERE url = spelling AND method = columns->>'method' AND key IS NOT NULL OFFSET 0) AS target) END
    FROM given ORDER BY place$statement$, settable)
  USING given, defaults;
END
$$;
