-- Targets that SQL inserted in another spelling of a URL are known by it: upper-case hosts, default ports, dot segments,
-- names that are not ASCII, and the like. Only a client can bring every URL into its normal form, so the database finds
-- the few that may differ from theirs, by host, and the client compares them.

-- Whether the URL is surely in its normal form, that of the WHATWG URL standard without an empty fragment.
CREATE FUNCTION website_monitor.url_is_normal(url text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN url COLLATE "C" ~ ('^https?://(([a-z0-9_-]+\.)*[a-z_][a-z0-9_-]*|((0|[1-9][0-9]{0,2})\.){3}(0|[1-9][0-9]{0,2}))'
      || '(:[1-9][0-9]*)?/[A-Za-z0-9._~!$&()*+,;=:@%/?#|-]*$')
    AND url COLLATE "C" !~* '^http://[^/]*:80/|^https://[^/]*:443/|/(\.|%2e){1,2}([/?#]|$)|#$';

-- The host in lower case; '' for hosts that have spellings beyond upper case, such as names that are not ASCII.
CREATE FUNCTION website_monitor.url_host(url text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN coalesce(substring(lower(url COLLATE "C") FROM
    '^https?://(([a-z0-9_-]+\.)*[a-z_][a-z0-9_-]*\.?|((0|[1-9][0-9]{0,2})\.){3}(0|[1-9][0-9]{0,2}))([:/?#\\]|$)'), '');

CREATE INDEX monitored_targets_spelling ON website_monitor.monitored_targets (website_monitor.url_host(url))
  WHERE NOT website_monitor.url_is_normal(url);

-- Which target each of the given ones is: that of its key; else, by the spellings of its url and its method, one without
-- a key that no other config file owns, and which takes on the key that is given; else none. OFFSET 0 looks up each spelling
-- by the index: the planner expects a hundred of each url, and would read the whole table for each target instead.
CREATE FUNCTION website_monitor.known_target(columns jsonb, spellings jsonb) RETURNS bigint
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

-- As before, but with all spellings of a url instead of the one that was given.
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
DROP FUNCTION website_monitor.known_target(jsonb, text);
