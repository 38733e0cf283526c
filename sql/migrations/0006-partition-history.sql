-- History that goes by dropping partitions, never row by row: failure_log by days, check_gaps by months, as
-- check_results is by days. All of them are made ahead by the same function.

-- ── Buckets of time, all in UTC ──────────────────────────────────────────────────────────────────
-- A size is 'minute', 'hour', 'day', 'month' or 'year'.

-- The beginning of the bucket that `moment` lies in.
CREATE FUNCTION website_monitor.bucket_of(size text, moment timestamptz) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN date_trunc(size, moment AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';

-- The bucket after the one that `moment` lies in. By the calendar of UTC: adding a day to a timestamptz
-- would follow the session's time zone.
CREATE FUNCTION website_monitor.bucket_after(size text, moment timestamptz) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (date_trunc(size, moment AT TIME ZONE 'UTC')
    + CASE size WHEN 'minute' THEN interval '1 min' WHEN 'hour' THEN interval '1 h' WHEN 'day' THEN interval '1 d'
        WHEN 'month' THEN interval '1 mon' ELSE interval '1 y' END) AT TIME ZONE 'UTC';

-- The first bucket that begins at `moment` or later.
CREATE FUNCTION website_monitor.bucket_from(size text, moment timestamptz) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN website_monitor.bucket_after(size, moment - interval '1 us');

-- ── Partitions, made ahead ───────────────────────────────────────────────────────────────────────

-- Every table that is partitioned by time. Its partitions are named after it: _20260131, _202601 or _2026.
CREATE TABLE website_monitor.partitioned_tables (
  parent name PRIMARY KEY,
  by_column name NOT NULL,
  size text NOT NULL, -- of one partition: 'day', 'month' or 'year'
  is_raw boolean NOT NULL, -- kept for as long as --retention says
  kept interval -- of the others; null = for ever
);

INSERT INTO website_monitor.partitioned_tables (parent, by_column, size, is_raw) VALUES
  ('check_results', 'scheduled_at', 'day', true),
  ('failure_log', 'scheduled_at', 'day', true),
  ('check_gaps', 'first_slot', 'month', true);

CREATE FUNCTION website_monitor.partition_name(parent name, size text, bucket timestamptz) RETURNS text
  LANGUAGE sql STABLE
  RETURN parent || '_' || to_char(bucket AT TIME ZONE 'UTC',
    CASE size WHEN 'day' THEN 'YYYYMMDD' WHEN 'month' THEN 'YYYYMM' ELSE 'YYYY' END);

-- Makes one partition, unless it is there, and moves into it what the default partition has of its time.
CREATE FUNCTION website_monitor.make_partition(parent name, bucket timestamptz) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known website_monitor.partitioned_tables;
  partition text;
  upper_bound timestamptz;
BEGIN
  SELECT * INTO STRICT known FROM website_monitor.partitioned_tables AS one WHERE one.parent = make_partition.parent;
  partition := website_monitor.partition_name(parent, known.size, bucket);
  IF to_regclass('website_monitor.' || partition) IS NOT NULL THEN
    RETURN;
  END IF;
  upper_bound := website_monitor.bucket_after(known.size, bucket);
  EXECUTE format('CREATE TABLE website_monitor.%I (LIKE website_monitor.%I INCLUDING ALL)', partition, parent);
  EXECUTE format(
    'WITH moved AS (
       DELETE FROM website_monitor.%1$I WHERE %2$I >= %3$L AND %2$I < %4$L RETURNING *)
     INSERT INTO website_monitor.%5$I SELECT * FROM moved',
    parent || '_default', known.by_column, bucket, upper_bound, partition);
  EXECUTE format(
    'ALTER TABLE website_monitor.%I ATTACH PARTITION website_monitor.%I FOR VALUES FROM (%L) TO (%L)',
    parent, partition, bucket, upper_bound);
END
$$;

-- Makes the partitions (UTC) of every table from yesterday to `days_ahead` days from now, and those of rows
-- that have gone to a default partition, from 400 days ago on.
CREATE OR REPLACE FUNCTION website_monitor.ensure_partitions(days_ahead integer) RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER -- a worker's role need not own the schema
  SET search_path = pg_catalog, pg_temp
  SET lock_timeout = '2 s' -- a long read of the results must not queue everyone else behind the attach
AS $$
DECLARE
  known website_monitor.partitioned_tables;
  bucket timestamptz;
BEGIN
  -- One worker at a time makes partitions; the others need not wait for it.
  IF NOT pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtext('website_monitor.ensure_partitions')) THEN
    RETURN;
  END IF;
  FOR known IN SELECT * FROM website_monitor.partitioned_tables ORDER BY parent LOOP
    FOR bucket IN EXECUTE format(
      'SELECT website_monitor.bucket_of(%1$L, now() + day * interval ''24 h'')
       FROM generate_series(-1, least($1, 60)) AS day
       UNION
       SELECT website_monitor.bucket_of(%1$L, %2$I) FROM website_monitor.%3$I
       WHERE %2$I BETWEEN now() - interval ''9600 h'' AND now() + interval ''1440 h''
       ORDER BY 1', known.size, known.by_column, known.parent || '_default') USING days_ahead
    LOOP
      PERFORM website_monitor.make_partition(known.parent, bucket);
    END LOOP;
  END LOOP;
END
$$;

-- ── The tables that were not partitioned ─────────────────────────────────────────────────────────

ALTER TABLE website_monitor.failure_log RENAME TO failure_log_before;
ALTER INDEX website_monitor.failure_log_pkey RENAME TO failure_log_before_pkey;
ALTER INDEX website_monitor.failure_log_scheduled_at RENAME TO failure_log_before_scheduled_at;

-- One row for each check that is not up, written with it. No foreign key: it survives its target.
CREATE TABLE website_monitor.failure_log (
  target_id bigint NOT NULL,
  scheduled_at timestamptz NOT NULL,
  cause website_monitor.check_cause NOT NULL,
  detail text NOT NULL,
  http_status smallint,
  worker text NOT NULL,
  target_snapshot jsonb NOT NULL, -- what was checked, values of headers left out
  PRIMARY KEY (target_id, scheduled_at)
) PARTITION BY RANGE (scheduled_at);

CREATE INDEX failure_log_scheduled_at ON website_monitor.failure_log (scheduled_at);
CREATE TABLE website_monitor.failure_log_default PARTITION OF website_monitor.failure_log DEFAULT;

ALTER TABLE website_monitor.check_gaps RENAME TO check_gaps_before;
ALTER INDEX website_monitor.check_gaps_pkey RENAME TO check_gaps_before_pkey;

-- Slots that fell due and that nobody ran: unknown, never up. All but the first lie on the grid: last_slot, and
-- one each slot_interval before it.
CREATE TABLE website_monitor.check_gaps (
  target_id bigint NOT NULL,
  first_slot timestamptz NOT NULL,
  last_slot timestamptz NOT NULL,
  slots bigint NOT NULL,
  noticed_at timestamptz NOT NULL DEFAULT now(),
  slot_interval interval, -- null where the gap is one slot
  PRIMARY KEY (target_id, first_slot),
  CONSTRAINT "a gap covers at least one slot" CHECK (slots >= 1 AND last_slot >= first_slot)
) PARTITION BY RANGE (first_slot);

CREATE INDEX check_gaps_last_slot ON website_monitor.check_gaps (last_slot);
CREATE TABLE website_monitor.check_gaps_default PARTITION OF website_monitor.check_gaps DEFAULT;

-- How far the slots of a gap lie apart: as its target's schedule says, or as the gap itself does where the schedule
-- is gone or another.
CREATE FUNCTION website_monitor.gap_interval(first_slot timestamptz, last_slot timestamptz, slots bigint, scheduled interval)
  RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN slots = 1 THEN NULL
    WHEN last_slot - first_slot > (slots - 2) * scheduled AND last_slot - first_slot <= (slots - 1) * scheduled THEN scheduled
    ELSE greatest((last_slot - first_slot) / (slots - 1), interval '1 us')
  END;

-- What the roles of sql/roles.sql, or others, could do with the tables they can do with their successors.
DO $$
DECLARE
  parent name;
  bucket timestamptz;
  granted record;
BEGIN
  FOREACH parent IN ARRAY ARRAY['failure_log', 'check_gaps'] LOOP
    FOR granted IN
      SELECT privilege_type, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee
      FROM pg_class, aclexplode(relacl)
      WHERE oid = ('website_monitor.' || parent || '_before')::regclass AND grantee <> relowner
    LOOP
      EXECUTE format('GRANT %s ON website_monitor.%I TO %s', granted.privilege_type, parent, granted.grantee);
    END LOOP;
    FOR bucket IN EXECUTE format('SELECT DISTINCT website_monitor.bucket_of(size, %I)
      FROM website_monitor.%I, website_monitor.partitioned_tables WHERE parent = %L',
      CASE parent WHEN 'check_gaps' THEN 'first_slot' ELSE 'scheduled_at' END, parent || '_before', parent)
    LOOP
      PERFORM website_monitor.make_partition(parent, bucket);
    END LOOP;
  END LOOP;
END
$$;

INSERT INTO website_monitor.failure_log SELECT * FROM website_monitor.failure_log_before;
INSERT INTO website_monitor.check_gaps
SELECT gap.target_id, first_slot, last_slot, slots, noticed_at,
  website_monitor.gap_interval(first_slot, last_slot, slots, lease.check_interval)
FROM website_monitor.check_gaps_before AS gap
LEFT JOIN website_monitor.target_leases AS lease ON lease.monitored_target_id = gap.target_id;

-- Slots that were due but not leased when the schedule of their target ends or starts anew.
CREATE OR REPLACE FUNCTION website_monitor.record_gaps_before(upper_bound timestamptz, target_ids bigint[]) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  WITH overdue AS (
    SELECT monitored_target_id, next_fire_at, check_interval, grid_origin,
      website_monitor.last_slot_before(upper_bound, next_fire_at, check_interval, grid_origin) AS last_slot
    FROM website_monitor.target_leases
    WHERE monitored_target_id = ANY (target_ids) AND next_fire_at < upper_bound
  )
  INSERT INTO website_monitor.check_gaps (target_id, first_slot, last_slot, slots)
  SELECT monitored_target_id, next_fire_at, last_slot,
    website_monitor.count_slots(next_fire_at, last_slot, check_interval, grid_origin)
  FROM overdue
  ON CONFLICT DO NOTHING;
END;

DROP TABLE website_monitor.failure_log_before, website_monitor.check_gaps_before;

-- Finds the results of a few minutes among those of a day, of all targets: they lie together, in the order in which they
-- came. Two pages, where a B-tree would take 22 bytes a check.
CREATE INDEX check_results_scheduled_at ON website_monitor.check_results
  USING brin (scheduled_at) WITH (pages_per_range = 32, autosummarize = on);

SELECT website_monitor.ensure_partitions(7);
