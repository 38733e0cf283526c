-- A database clock that is set back brings moments a second time. Their slots are recorded, so each target would wait until
-- the clock has caught up. Instead its grid moves by a microsecond: its slots are other moments, and are due at once.

-- How often the clock was set back, as far as workers noticed.
CREATE TABLE website_monitor.clock_set_backs (
  number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- grids are moved by as many microseconds
  noticed_at timestamptz NOT NULL, -- by the clock as it is since then
  set_back_by interval NOT NULL
);

CREATE FUNCTION website_monitor.grid_shift() RETURNS interval
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  RETURN coalesce((SELECT max(number) FROM website_monitor.clock_set_backs), 0) * interval '1 us';

-- By how much the clock was set back, as far as that shows and no worker has followed it; else null. Needs no memory: the
-- target that is due first would be due later than an interval from now, or rollups are closed that lie in the future.
CREATE FUNCTION website_monitor.clock_behind() RETURNS interval
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT max(behind)
  FROM (
    SELECT (
      SELECT next_fire_at - check_interval - clock_timestamp()
      FROM website_monitor.target_leases AS lease
      WHERE lease.share = one.share ORDER BY next_fire_at LIMIT 1
    ) AS behind
    FROM website_monitor.shares() AS one (share)
    UNION ALL
    SELECT closed_until - clock_timestamp() FROM website_monitor.rollup_progress WHERE size = 'minute'
  ) AS signs
  WHERE behind > interval '2 s'; -- slots are leased a little ahead
END;

-- Makes targets due again that wait for the moments before the clock was set back. Moves leases of that time, too: each gets
-- its full duration from now, and so never ends before its worker thinks. Rollups are closed again later.
--
-- Returns by how much the clock was set back (null: not, or another worker has followed it), and how many targets waited.
CREATE FUNCTION website_monitor.follow_clock_back(OUT set_back_by interval, OUT targets bigint)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  tolerance CONSTANT interval := '2 s';
  moment timestamptz;
  shift interval;
BEGIN
  LOCK TABLE website_monitor.clock_set_backs IN SHARE ROW EXCLUSIVE MODE; -- one worker follows
  moment := clock_timestamp();
  SELECT greatest(
    (SELECT max(next_fire_at - check_interval) FROM website_monitor.target_leases),
    (SELECT max(leased_at) FROM website_monitor.lease_batches),
    (SELECT closed_until FROM website_monitor.rollup_progress WHERE size = 'minute')
  ) - moment INTO set_back_by;
  IF set_back_by IS NULL OR set_back_by <= tolerance THEN
    set_back_by := NULL;
    RETURN;
  END IF;
  INSERT INTO website_monitor.clock_set_backs (noticed_at, set_back_by) VALUES (moment, follow_clock_back.set_back_by);
  shift := website_monitor.grid_shift();
  UPDATE website_monitor.target_leases AS lease
  SET grid_origin = moved.origin,
    next_fire_at = date_bin(lease.check_interval, moment, moved.origin) + lease.check_interval
  FROM (
    SELECT monitored_target_id, website_monitor.grid_origin(monitored_target_id, check_interval) + shift AS origin
    FROM website_monitor.target_leases
    WHERE next_fire_at > moment + check_interval + tolerance
  ) AS moved
  WHERE lease.monitored_target_id = moved.monitored_target_id;
  GET DIAGNOSTICS targets = ROW_COUNT;
  UPDATE website_monitor.lease_batches SET leased_at = moment, expires_at = moment + (expires_at - leased_at)
  WHERE leased_at > moment + tolerance;
  UPDATE website_monitor.rollup_progress SET closed_until = website_monitor.bucket_of(size, moment)
  WHERE made_of IS NOT NULL AND closed_until > moment;
  PERFORM pg_catalog.pg_notify('website_monitor', '');
END
$$;
REVOKE EXECUTE ON FUNCTION website_monitor.follow_clock_back FROM PUBLIC;

-- Whoever leases must be able to follow, from this migration on.
DO $$
DECLARE
  leaser text;
BEGIN
  FOR leaser IN
    SELECT DISTINCT quote_ident(pg_get_userbyid(grantee))
    FROM pg_class, aclexplode(relacl)
    WHERE oid = 'website_monitor.lease_batches'::regclass
      AND privilege_type = 'INSERT' AND grantee <> relowner AND grantee <> 0
  LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION website_monitor.follow_clock_back TO %s', leaser);
  END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION website_monitor.start_schedules(target_ids bigint[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  -- Counted over the transaction, since many a file inserts row by row.
  started_before integer := website_monitor.started_before();
  -- Slots of the time that comes a second time are recorded already.
  shift interval := website_monitor.grid_shift();
  moment timestamptz;
BEGIN
  IF cardinality(target_ids) = 0 THEN
    RETURN; -- statement triggers fire on zero rows too
  END IF;
  PERFORM FROM website_monitor.target_leases WHERE monitored_target_id = ANY (target_ids) FOR UPDATE;
  -- Under the locks and not the statement's own time: a slot leased since then must not come again.
  moment := clock_timestamp();
  PERFORM website_monitor.record_gaps_before(moment, target_ids);
  PERFORM website_monitor.note_creators(target_ids);
  INSERT INTO website_monitor.target_leases AS lease (monitored_target_id, next_fire_at, check_interval, grid_origin, share)
  SELECT id,
    CASE
      WHEN rank + started_before > 200 THEN grid_point
      -- Of many, one whose grid point is as good as here waits for it: the lease could come after it.
      WHEN cardinality(target_ids) > 50 AND grid_point < since + least(interval '1 s', check_interval / 2)
        THEN grid_point
      ELSE since
    END,
    check_interval, origin, share
  FROM (
    SELECT id, rank, check_interval, origin, since, share,
      date_bin(check_interval, since, origin) + check_interval AS grid_point
    FROM (
      SELECT id, rank, check_interval, share, website_monitor.grid_origin(id, check_interval) + shift AS origin,
        coalesce(leased.newest + interval '1 us', moment) AS since
      FROM (
        SELECT id, row_number() OVER (ORDER BY id) AS rank,
          -- In seconds: to add a day follows the session's time zone, and the grid knows no summer time.
          extract(epoch FROM check_interval) * interval '1 s' AS check_interval, coalesce(creator.share, 0) AS share
        FROM website_monitor.monitored_targets
        LEFT JOIN website_monitor.creators AS creator ON creator.name = created_by
        WHERE id = ANY (target_ids)
      ) AS target
      LEFT JOIN (
        SELECT target_id, max(slot) AS newest
        FROM website_monitor.lease_batches AS batch, unnest(batch.target_ids, batch.slots) AS leased (target_id, slot)
        WHERE slot > moment AND slot < moment + interval '1 min' -- later ones were leased before the clock was set back
          -- A new target has never been leased: the journal need not be read for it.
          AND EXISTS (SELECT FROM website_monitor.monitored_targets WHERE id = ANY (start_schedules.target_ids) AND version > 1)
        GROUP BY target_id
      ) AS leased ON leased.target_id = target.id
    ) AS target
  ) AS started
  ON CONFLICT (monitored_target_id) DO UPDATE SET
    next_fire_at = excluded.next_fire_at,
    check_interval = excluded.check_interval,
    grid_origin = excluded.grid_origin,
    share = excluded.share;
  PERFORM website_monitor.note_started(cardinality(target_ids));
  -- A constant payload, so that PostgreSQL folds repeats within one transaction into one.
  PERFORM pg_catalog.pg_notify('website_monitor', '');
END
$$;

-- As 0019 does it for older functions.
DO $$
DECLARE
  known regprocedure;
BEGIN
  FOR known IN
    SELECT oid FROM pg_catalog.pg_proc
    WHERE pronamespace = 'website_monitor'::regnamespace AND 'search_path=pg_catalog, pg_temp' = ANY (proconfig)
      AND NOT 'TimeZone=UTC' = ANY (proconfig)
  LOOP
    EXECUTE pg_catalog.format('ALTER FUNCTION %1$s SET datestyle = ''ISO, MDY'';
      ALTER FUNCTION %1$s SET intervalstyle = postgres;
      ALTER FUNCTION %1$s SET timezone = ''UTC'';
      ALTER FUNCTION %1$s SET extra_float_digits = 1;
      ALTER FUNCTION %1$s SET array_nulls = on;
      ALTER FUNCTION %1$s SET standard_conforming_strings = on;
      ALTER FUNCTION %1$s SET transform_null_equals = off;
      ALTER FUNCTION %1$s SET quote_all_identifiers = off;', known);
  END LOOP;
END
$$;
