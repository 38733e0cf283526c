-- Simulates a year of rollups with raw results for 90 days: creates partitions, and rollups of days, months, and the
-- hours and minutes at the edges, as multiples of the two hours already rolled up. Omits what would have been dropped.
SELECT website_monitor.make_partition(parent, website_monitor.bucket_of(size, now() - days * interval '24 h'))
FROM website_monitor.partitioned_tables, generate_series(1, 366) AS days
WHERE days <= CASE WHEN is_raw THEN 90 WHEN parent = 'rollups_minute' THEN 14 ELSE 366 END;

CREATE TEMPORARY TABLE two_hours AS
SELECT (jsonb_populate_record(NULL::website_monitor.rollups_hour, jsonb_object_agg(name, value))).* FROM (
  SELECT target_id, name, CASE name WHEN 'target_id' THEN target_id ELSE sum(value::numeric) END AS value
  FROM website_monitor.rollups_hour AS rollup, jsonb_each_text(to_jsonb(rollup) - 'bucket') AS counted (name, value)
  WHERE value IS NOT NULL GROUP BY target_id, name
) AS summed GROUP BY target_id;

CREATE FUNCTION pg_temp.fill(size text, times integer, since timestamptz, until timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('INSERT INTO website_monitor.rollups_%s (target_id, bucket, %s) SELECT target_id, beginning, %s
    FROM generate_series($1, $2 - interval ''1 us'', %L) AS beginning, two_hours ON CONFLICT DO NOTHING', size,
    (SELECT string_agg(name, ', ') FROM website_monitor.rollup_columns()),
    (SELECT string_agg(format('nullif(%I * %s / 2, 0)', name, times), ', ') FROM website_monitor.rollup_columns()),
    CASE size WHEN 'day' THEN '24 h' WHEN 'hour' THEN '1 h' ELSE '1 month' END)
  USING since, until;
END
$$;

SET TimeZone = 'UTC';
SELECT pg_temp.fill('hour', 1, website_monitor.bucket_of('day', now()), (SELECT closed_until FROM website_monitor.rollup_progress WHERE size = 'hour'));
SELECT pg_temp.fill('hour', 1, website_monitor.bucket_of('hour', now() - interval '8760 h'), website_monitor.bucket_from('day', now() - interval '8760 h'));
SELECT pg_temp.fill('day', 24, website_monitor.bucket_of('day', now() - interval '8760 h'), website_monitor.bucket_of('day', now()));
SELECT pg_temp.fill('month', 720, website_monitor.bucket_of('month', now() - interval '8760 h'), website_monitor.bucket_of('month', now()));
UPDATE website_monitor.rollup_progress SET kept_since = website_monitor.bucket_of('day', now() - interval '2160 h') WHERE size = 'check';
UPDATE website_monitor.rollup_progress SET kept_since = website_monitor.bucket_of('day', now() - interval '336 h') WHERE size = 'minute';
