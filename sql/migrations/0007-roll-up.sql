-- What the checks of a target amount to, a minute, an hour, a day and a month at a time: so that long periods are
-- answered without reading, or keeping, every check.

-- ── The tables ───────────────────────────────────────────────────────────────────────────────────

-- One row for each target and minute (UTC) that has any. Null is 0, and takes no byte. A latency is what an answered
-- check (one with an HTTP status) took in all; from_20_ms counts those from 20 ms to below the next column's.
CREATE TABLE website_monitor.rollups_minute (
  target_id bigint NOT NULL,
  bucket timestamptz NOT NULL, -- its beginning
  duration_sum_us bigint, -- of the answered
  checks integer,
  up integer,
  down integer,
  unknown integer, -- checks that could not tell
  gap_slots integer, -- slots that nobody ran: unknown, too
  answered integer,
  from_0_ms integer, from_1_ms integer, from_2_ms integer, from_3_ms integer, from_5_ms integer, from_7_ms integer,
  from_10_ms integer, from_15_ms integer, from_20_ms integer, from_30_ms integer, from_50_ms integer,
  from_70_ms integer, from_100_ms integer, from_150_ms integer, from_200_ms integer, from_300_ms integer,
  from_500_ms integer, from_700_ms integer, from_1000_ms integer, from_1500_ms integer, from_2000_ms integer,
  from_3000_ms integer, from_5000_ms integer, from_10000_ms integer,
  PRIMARY KEY (target_id, bucket)
) PARTITION BY RANGE (bucket);

-- Buckets are written in the order of time, so that two pages find those of all targets in a period.
CREATE INDEX rollups_minute_bucket ON website_monitor.rollups_minute
  USING brin (bucket) WITH (pages_per_range = 32, autosummarize = on);

CREATE TABLE website_monitor.rollups_hour (LIKE website_monitor.rollups_minute INCLUDING ALL) PARTITION BY RANGE (bucket);
CREATE TABLE website_monitor.rollups_day (LIKE website_monitor.rollups_minute INCLUDING ALL) PARTITION BY RANGE (bucket);
CREATE TABLE website_monitor.rollups_month (LIKE website_monitor.rollups_minute INCLUDING ALL) PARTITION BY RANGE (bucket);

CREATE TABLE website_monitor.rollups_minute_default PARTITION OF website_monitor.rollups_minute DEFAULT;
CREATE TABLE website_monitor.rollups_hour_default PARTITION OF website_monitor.rollups_hour DEFAULT;
CREATE TABLE website_monitor.rollups_day_default PARTITION OF website_monitor.rollups_day DEFAULT;
CREATE TABLE website_monitor.rollups_month_default PARTITION OF website_monitor.rollups_month DEFAULT;

INSERT INTO website_monitor.partitioned_tables (parent, by_column, size, is_raw, kept) VALUES
  ('rollups_minute', 'bucket', 'day', false, '14 d'),
  ('rollups_hour', 'bucket', 'month', false, '400 d'),
  ('rollups_day', 'bucket', 'year', false, NULL),
  ('rollups_month', 'bucket', 'year', false, NULL);

-- Each size is made of the one before it: months of days, days of hours, hours of minutes, minutes of checks and gaps.
CREATE TABLE website_monitor.rollup_progress (
  size text PRIMARY KEY, -- 'check', 'minute', 'hour', 'day' or 'month'
  made_of text, -- null for checks
  closed_until timestamptz, -- every bucket before it is rolled up; null for checks
  kept_since timestamptz NOT NULL DEFAULT '-infinity' -- what is older has been dropped
);

-- What came too late for its buckets, which may be closed: they are rolled up again. One row a check, or a gap. A queue,
-- emptied by roll_up.
CREATE TABLE website_monitor.rollup_dirty (
  target_id bigint NOT NULL,
  first_slot timestamptz NOT NULL,
  last_slot timestamptz NOT NULL,
  slot_interval interval -- of a gap of several slots
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);

-- Whoever records must be able to say what is late, from this migration on.
DO $$
DECLARE
  recorder text;
BEGIN
  FOR recorder IN
    SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END
    FROM pg_class, aclexplode(relacl)
    WHERE oid IN ('website_monitor.check_results'::regclass, 'website_monitor.check_gaps'::regclass)
      AND privilege_type = 'INSERT' AND grantee <> relowner
  LOOP
    EXECUTE format('GRANT INSERT ON website_monitor.rollup_dirty TO %s', recorder);
  END LOOP;
END
$$;

INSERT INTO website_monitor.rollup_progress (size, made_of, closed_until)
SELECT size, made_of, CASE WHEN made_of IS NOT NULL THEN website_monitor.bucket_of(size, began) END
FROM (VALUES ('check', NULL), ('minute', 'check'), ('hour', 'minute'), ('day', 'hour'), ('month', 'day'))
  AS known (size, made_of),
  (SELECT least(now(), (SELECT min(scheduled_at) FROM website_monitor.check_results),
    (SELECT min(first_slot) FROM website_monitor.check_gaps)) AS began) AS history;

-- ── Gaps, and their slots ────────────────────────────────────────────────────────────────────────

-- A gap says how far its slots lie apart, and makes its buckets dirty: it is noticed after its time.
CREATE FUNCTION website_monitor.before_gap_insert() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.slot_interval := website_monitor.gap_interval(NEW.first_slot, NEW.last_slot, NEW.slots,
    coalesce(NEW.slot_interval,
      (SELECT check_interval FROM website_monitor.target_leases WHERE monitored_target_id = NEW.target_id)));
  INSERT INTO website_monitor.rollup_dirty VALUES (NEW.target_id, NEW.first_slot, NEW.last_slot, NEW.slot_interval);
  RETURN NEW;
END
$$;

CREATE TRIGGER before_gap_insert BEFORE INSERT ON website_monitor.check_gaps
  FOR EACH ROW EXECUTE FUNCTION website_monitor.before_gap_insert();

-- Those slots of a gap that lie from `since` to before `until`.
CREATE FUNCTION website_monitor.slots_of_gap(
  first_slot timestamptz, last_slot timestamptz, slot_interval interval, since timestamptz, until timestamptz
) RETURNS SETOF timestamptz
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT first_slot WHERE first_slot >= since AND first_slot < until
  UNION ALL
  SELECT generate_series(
    greatest(date_bin(slot_interval, first_slot, last_slot),
      date_bin(slot_interval, since - interval '1 us', last_slot)) + slot_interval,
    least(last_slot, until - interval '1 us'), slot_interval);
END;

-- ── Rolling up ───────────────────────────────────────────────────────────────────────────────────

-- The columns of a rollup that are added up, each with its sum over rollups, its count over slots, and the count's
-- condition on one slot.
CREATE FUNCTION website_monitor.rollup_columns()
  RETURNS TABLE (name text, condition text, of_slots text, of_rollups text)
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT name, condition,
    CASE name WHEN 'duration_sum_us' THEN 'sum(total_us) FILTER (WHERE answered)'
      ELSE format('nullif(count(*) FILTER (WHERE %s), 0)', condition) END,
    format('nullif(sum(%I), 0)', name)
  FROM (
    SELECT attname::text AS name, attnum,
      CASE attname
        WHEN 'duration_sum_us' THEN 'answered'
        WHEN 'checks' THEN 'outcome IS NOT NULL'
        WHEN 'gap_slots' THEN 'outcome IS NULL'
        WHEN 'answered' THEN 'answered'
        WHEN 'up' THEN 'outcome = ''up''' WHEN 'down' THEN 'outcome = ''down''' WHEN 'unknown' THEN 'outcome = ''unknown'''
        ELSE concat_ws(' AND ', 'answered', 'total_us >= ' || from_us,
          'total_us < ' || lead(from_us) OVER (ORDER BY from_us NULLS FIRST)) -- the last has no end
      END AS condition
    FROM pg_attribute, LATERAL (SELECT 1000 * substring(attname FROM '^from_(\d+)_ms$')::integer AS from_us) AS latency
    WHERE attrelid = 'website_monitor.rollups_minute'::regclass AND attnum > 2 AND NOT attisdropped
  ) AS counted
  ORDER BY attnum;
END;

-- Writes what `source` selects, whatever was there.
CREATE FUNCTION website_monitor.write_rollups(
  size text, source text, target_ids bigint[], buckets timestamptz[], since timestamptz, until timestamptz
) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  names text := (SELECT string_agg(name, ', ') FROM website_monitor.rollup_columns());
BEGIN
  EXECUTE format('INSERT INTO website_monitor.%1$I AS rollup (target_id, bucket, %2$s) %3$s
    ORDER BY 1, 2 -- which is that of the key: its pages are come by once
    ON CONFLICT (target_id, bucket) DO UPDATE SET (%2$s) = (%4$s)
    WHERE rollup IS DISTINCT FROM excluded',
    'rollups_' || size, names, source, (SELECT string_agg('excluded.' || name, ', ') FROM website_monitor.rollup_columns()))
  USING target_ids, buckets, since, until;
END
$$;

-- Rolls up the buckets of all targets from `since` to before `until`, whole buckets of that size.
CREATE FUNCTION website_monitor.roll_up_period(size text, since timestamptz, until timestamptz) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF size = 'minute' THEN
    PERFORM website_monitor.write_rollups(size, format(
      'SELECT target_id, bucket, %1$s FROM (
         SELECT target_id, website_monitor.bucket_of(%2$L, scheduled_at) AS bucket, outcome, total_us,
           http_status IS NOT NULL AS answered
         FROM website_monitor.check_results WHERE scheduled_at >= $3 AND scheduled_at < $4
         UNION ALL
         SELECT target_id, website_monitor.bucket_of(%2$L, slot), NULL, NULL, NULL
         FROM website_monitor.check_gaps,
           website_monitor.slots_of_gap(first_slot, last_slot, slot_interval, $3, $4) AS slot
         WHERE last_slot >= $3 AND first_slot < $4
       ) AS slots GROUP BY target_id, bucket',
      (SELECT string_agg(of_slots, ', ') FROM website_monitor.rollup_columns()), size), NULL, NULL, since, until);
  ELSE
    PERFORM website_monitor.write_rollups(size, format(
      'SELECT target_id, website_monitor.bucket_of(%L, part.bucket), %s FROM website_monitor.%I AS part
       WHERE bucket >= $3 AND bucket < $4 GROUP BY 1, 2',
      size, (SELECT string_agg(of_rollups, ', ') FROM website_monitor.rollup_columns()),
      (SELECT 'rollups_' || made_of FROM website_monitor.rollup_progress AS one WHERE one.size = roll_up_period.size)),
      NULL, NULL, since, until);
  END IF;
END
$$;

-- Rolls up again the buckets named: buckets[i] of target_ids[i]. Hours, too, of checks, for their minutes may have been dropped.
CREATE FUNCTION website_monitor.roll_up_again(size text, target_ids bigint[], buckets timestamptz[]) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF size IN ('minute', 'hour') THEN
    PERFORM website_monitor.write_rollups(size, format(
      'SELECT target_id, bucket, %1$s FROM (
         SELECT dirty.target_id, bucket, outcome, total_us, http_status IS NOT NULL AS answered
         FROM unnest($1, $2) AS dirty (target_id, bucket)
         CROSS JOIN LATERAL (
           SELECT outcome, total_us, http_status FROM website_monitor.check_results AS result
           WHERE result.target_id = dirty.target_id
             AND scheduled_at >= bucket AND scheduled_at < website_monitor.bucket_after(%2$L, bucket)
           OFFSET 0 -- one look at the key for each bucket, whatever the planner expects
         ) AS result
         UNION ALL
         SELECT dirty.target_id, bucket, NULL, NULL, NULL
         FROM unnest($1, $2) AS dirty (target_id, bucket)
         CROSS JOIN LATERAL (
           SELECT slot FROM website_monitor.check_gaps AS gap,
             website_monitor.slots_of_gap(first_slot, last_slot, slot_interval, bucket,
               website_monitor.bucket_after(%2$L, bucket)) AS slot
           WHERE gap.target_id = dirty.target_id
             AND first_slot < website_monitor.bucket_after(%2$L, bucket) AND last_slot >= bucket
           OFFSET 0
         ) AS gap
       ) AS slots GROUP BY target_id, bucket',
      (SELECT string_agg(of_slots, ', ') FROM website_monitor.rollup_columns()), size), target_ids, buckets, NULL, NULL);
  ELSE
    PERFORM website_monitor.write_rollups(size, format(
      'SELECT dirty.target_id, dirty.bucket, %s FROM unnest($1, $2) AS dirty (target_id, bucket)
       CROSS JOIN LATERAL (
         SELECT * FROM website_monitor.%I AS part
         WHERE part.target_id = dirty.target_id
           AND part.bucket >= dirty.bucket AND part.bucket < website_monitor.bucket_after(%L, dirty.bucket)
         OFFSET 0
       ) AS part GROUP BY 1, 2',
      (SELECT string_agg(of_rollups, ', ') FROM website_monitor.rollup_columns()),
      (SELECT 'rollups_' || made_of FROM website_monitor.rollup_progress AS one WHERE one.size = roll_up_again.size), size),
      target_ids, buckets, NULL, NULL);
  END IF;
END
$$;

-- Rolls up again what some of rollup_dirty touches: of minutes and hours as long as their checks are kept, and of the
-- days and months that are made of them. Buckets that are open yet are left to roll_up_period. False where nothing was dirty.
CREATE FUNCTION website_monitor.roll_up_dirty() RETURNS boolean
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  taken website_monitor.rollup_dirty[];
  level website_monitor.rollup_progress;
  -- Minutes and hours are made of checks again, and days of hours.
  since timestamptz := (SELECT max(kept_since) FROM website_monitor.rollup_progress WHERE size IN ('check', 'hour'));
  dirty_ids bigint[];
  dirty_buckets timestamptz[];
BEGIN
  WITH chosen AS (
    -- A gap of two weeks has 20,160 minutes: some thousands of buckets at once, or one gap.
    SELECT place FROM (
      SELECT place, sum(minutes) OVER (ORDER BY place) - minutes AS minutes_before
      FROM (
        SELECT ctid AS place, 1 + extract(epoch FROM last_slot - first_slot)
          / greatest(extract(epoch FROM slot_interval), 60) AS minutes
        FROM website_monitor.rollup_dirty LIMIT 1000
      ) AS counted
    ) AS counted WHERE minutes_before < 5000 OR minutes_before IS NULL
  ),
  gone AS (
    DELETE FROM website_monitor.rollup_dirty AS dirty WHERE ctid = ANY (ARRAY(SELECT place FROM chosen)) RETURNING dirty.*
  )
  SELECT array_agg(gone::website_monitor.rollup_dirty) INTO taken FROM gone;
  IF taken IS NULL THEN
    RETURN false;
  END IF;
  FOR level IN SELECT * FROM website_monitor.rollup_progress WHERE made_of IS NOT NULL
    ORDER BY array_position(ARRAY['minute', 'hour', 'day', 'month'], size)
  LOOP
    SELECT array_agg(target_id), array_agg(bucket) INTO dirty_ids, dirty_buckets
    FROM (
      SELECT DISTINCT target_id, website_monitor.bucket_of(level.size, slot) AS bucket
      FROM unnest(taken) AS dirty, LATERAL (
        SELECT first_slot AS slot
        UNION ALL -- of a gap whose slots lie close together one a minute is enough to find every minute
        SELECT generate_series(last_slot, greatest(first_slot, since, level.kept_since), -greatest(slot_interval, interval '1 min'))
      ) AS touched
      WHERE slot >= greatest(since, level.kept_since)
    ) AS touched
    WHERE bucket < level.closed_until AND bucket >= level.kept_since;
    PERFORM website_monitor.roll_up_again(level.size, dirty_ids, dirty_buckets) WHERE dirty_ids IS NOT NULL;
  END LOOP;
  RETURN true;
END
$$;

-- Rolls up what is closed and not rolled up yet, and again what came late: for about a second, or `budget`. A bucket
-- closes 150 seconds after its end: a check recorded more than 60 seconds after its slot is dirty, and recording one
-- takes less than the 90 seconds between. Any worker may call it at any time; one at a time does the work.
--
-- Returns whether there is more to do.
CREATE FUNCTION website_monitor.roll_up(budget interval DEFAULT '1 s') RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2 s'
  SET jit = off -- which took four seconds for statements of 25 ms
AS $$
DECLARE
  level website_monitor.rollup_progress;
  began timestamptz;
  ends timestamptz := clock_timestamp() + budget;
  until timestamptz;
  closing timestamptz;
  minutes integer := 1; -- at once; more as long as that is quick
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('website_monitor.roll_up')) THEN
    RETURN false;
  END IF;
  WHILE website_monitor.roll_up_dirty() LOOP
    IF clock_timestamp() > ends THEN
      RETURN true;
    END IF;
  END LOOP;
  FOR level IN SELECT * FROM website_monitor.rollup_progress WHERE made_of IS NOT NULL
    ORDER BY array_position(ARRAY['minute', 'hour', 'day', 'month'], size)
  LOOP
    closing := CASE level.size
      WHEN 'minute' THEN website_monitor.bucket_of('minute', now() - interval '150 s')
      ELSE (SELECT closed_until FROM website_monitor.rollup_progress WHERE size = level.made_of) END;
    LOOP
      until := CASE level.size
        WHEN 'minute' THEN least(level.closed_until + minutes * interval '1 min', closing)
        ELSE website_monitor.bucket_after(level.size, level.closed_until) END;
      EXIT WHEN until > closing OR until <= level.closed_until;
      began := clock_timestamp();
      PERFORM website_monitor.roll_up_period(level.size, level.closed_until, until);
      level.closed_until := until;
      UPDATE website_monitor.rollup_progress SET closed_until = until WHERE size = level.size;
      IF clock_timestamp() > ends THEN
        RETURN true;
      END IF;
      minutes := CASE WHEN clock_timestamp() < began + interval '100 ms' THEN least(2 * minutes, 60) ELSE 1 END;
    END LOOP;
  END LOOP;
  RETURN false;
END
$$;

-- ── Dropping what is old ─────────────────────────────────────────────────────────────────────────

-- True where all that a partition has is rolled up, and nothing that is newer than `kept_until` needs it.
CREATE FUNCTION website_monitor.is_rolled_up(
  parent name, partition text, since timestamptz, until timestamptz, kept_until timestamptz
) RETURNS boolean
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  needed boolean := false;
BEGIN
  IF until > (SELECT closed_until FROM website_monitor.rollup_progress
      WHERE size = CASE parent WHEN 'rollups_hour' THEN 'day' ELSE 'hour' END) THEN
    RETURN false;
  END IF;
  IF parent = 'check_gaps' THEN -- one that begins long ago may not be over yet
    EXECUTE format('SELECT EXISTS (SELECT FROM website_monitor.%I WHERE last_slot >= $1)', partition) INTO needed USING kept_until;
  END IF;
  RETURN NOT needed AND (parent NOT IN ('check_results', 'check_gaps') OR NOT EXISTS (
    SELECT FROM website_monitor.rollup_dirty WHERE last_slot >= since AND first_slot < until));
END
$$;

-- Drops one partition that has nothing newer than it is kept for: results, failures and gaps `raw_days` days, rollups
-- as partitioned_tables says. None that holds what is not rolled up yet, and none that somebody is reading at the moment:
-- it waits so shortly that recording does not. To be repeated while it returns true: it has dropped one.
CREATE FUNCTION website_monitor.drop_old_partition(raw_days integer) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '50 ms' AS $$
DECLARE
  old record;
BEGIN
  -- The lock of roll_up, which must not find gone what it is adding up.
  IF raw_days < 1 OR NOT pg_try_advisory_xact_lock(hashtext('website_monitor.roll_up')) THEN
    RETURN false;
  END IF;
  FOR old IN
    SELECT known.parent, child.relname::text AS partition, bucket, website_monitor.bucket_after(known.size, bucket) AS until,
      now() - kept_for AS kept_until
    FROM website_monitor.partitioned_tables AS known
    JOIN pg_inherits ON inhparent = ('website_monitor.' || quote_ident(known.parent))::regclass
    JOIN pg_class AS child ON child.oid = inhrelid
    CROSS JOIN LATERAL (
      SELECT to_date(substring(child.relname FROM '_(\d+)$'),
          CASE known.size WHEN 'day' THEN 'YYYYMMDD' WHEN 'month' THEN 'YYYYMM' ELSE 'YYYY' END)::timestamp AT TIME ZONE 'UTC' AS bucket,
        CASE WHEN is_raw THEN raw_days * interval '24 h' ELSE extract(epoch FROM kept) * interval '1 s' END AS kept_for
    ) AS named
    -- Of its name's form, which leaves out the default partition, and what others have attached.
    WHERE child.relname = website_monitor.partition_name(known.parent, known.size, bucket)
      AND website_monitor.bucket_after(known.size, bucket) <= now() - kept_for
    ORDER BY bucket
  LOOP
    CONTINUE WHEN NOT website_monitor.is_rolled_up(old.parent, old.partition, old.bucket, old.until, old.kept_until);
    BEGIN
      EXECUTE format('DROP TABLE website_monitor.%I', old.partition);
      UPDATE website_monitor.rollup_progress SET kept_since = greatest(kept_since, old.until)
      WHERE size = CASE old.parent WHEN 'check_results' THEN 'check' ELSE substring(old.parent::text FROM '^rollups_(.*)') END;
      RETURN true;
    EXCEPTION WHEN lock_not_available THEN
      NULL; -- another table may be free; this one is tried again at the next call
    END;
  END LOOP;
  RETURN false;
END
$$;

-- For the service alone, whose role sql/roles.sql lets: whoever may call them may drop history.
REVOKE EXECUTE ON FUNCTION website_monitor.roll_up, website_monitor.drop_old_partition FROM PUBLIC;

-- The hours and days of a history that is there already.
DO $$
DECLARE
  parent name;
  bucket timestamptz;
BEGIN
  FOR parent, bucket IN
    SELECT DISTINCT known.parent, website_monitor.bucket_of(known.size, day)
    FROM website_monitor.partitioned_tables AS known,
      generate_series((SELECT closed_until FROM website_monitor.rollup_progress WHERE size = 'day'), now(), interval '24 h') AS day
    WHERE known.parent LIKE 'rollups%' AND (known.kept IS NULL OR day > now() - known.kept)
  LOOP
    PERFORM website_monitor.make_partition(parent, bucket);
  END LOOP;
END
$$;

SELECT website_monitor.ensure_partitions(7);
