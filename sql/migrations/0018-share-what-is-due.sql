-- When more is due than can be run, it is shared between those who made the targets.

-- Who has made targets, and the share of the schedule that theirs belong to. Sixteen shares at most: the seventeenth
-- creator joins the first.
CREATE TABLE website_monitor.creators (
  name text PRIMARY KEY, -- as in monitored_targets.created_by
  share smallint NOT NULL
);
CREATE INDEX creators_share ON website_monitor.creators (share);
GRANT SELECT ON website_monitor.creators TO PUBLIC; -- names of roles, which everybody may read

INSERT INTO website_monitor.creators (name, share)
SELECT created_by, (row_number() OVER (ORDER BY min(id)) - 1) % 16
FROM website_monitor.monitored_targets WHERE created_by IS NOT NULL GROUP BY created_by;

ALTER TABLE website_monitor.target_leases ADD COLUMN share smallint NOT NULL DEFAULT 0;

UPDATE website_monitor.target_leases AS lease SET share = creator.share
FROM website_monitor.monitored_targets AS target JOIN website_monitor.creators AS creator ON creator.name = target.created_by
WHERE target.id = lease.monitored_target_id AND creator.share > 0;

DROP INDEX website_monitor.target_leases_next_fire_at;
CREATE INDEX target_leases_next_fire_at ON website_monitor.target_leases (share, next_fire_at);

-- The shares in use.
CREATE FUNCTION website_monitor.shares() RETURNS SETOF smallint
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT generate_series(0, coalesce((SELECT max(share) FROM website_monitor.creators), 0))::smallint;
END;

-- The earliest slot of all after `moment`; null if there is none.
CREATE FUNCTION website_monitor.next_slot_after(moment timestamptz) RETURNS timestamptz
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT min(next_fire_at)
  FROM website_monitor.shares() AS one (share) CROSS JOIN LATERAL (
    SELECT next_fire_at FROM website_monitor.target_leases AS lease
    WHERE lease.share = one.share AND next_fire_at > moment ORDER BY next_fire_at LIMIT 1
  ) AS first;
END;

-- How many targets are due at `moment`, counting at most `counted_max` of each share.
CREATE FUNCTION website_monitor.count_due(moment timestamptz, counted_max integer) RETURNS bigint
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT sum((
    SELECT count(*) FROM (
      SELECT FROM website_monitor.target_leases AS lease
      WHERE lease.share = one.share AND next_fire_at <= moment ORDER BY next_fire_at LIMIT counted_max
    ) AS due
  ))::bigint
  FROM website_monitor.shares() AS one (share);
END;

-- ── Targets of one transaction that start at once ────────────────────────────────────────────────

-- Signs what a transaction notes of itself: a session could set any number.
CREATE TABLE website_monitor.signing_key (key text NOT NULL DEFAULT gen_random_uuid()::text);
INSERT INTO website_monitor.signing_key DEFAULT VALUES;
REVOKE ALL ON website_monitor.signing_key FROM PUBLIC;

CREATE FUNCTION website_monitor.signed(count integer) RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  RETURN count || ' ' || md5(count || ' ' || pg_current_xact_id() || ' ' || (SELECT key FROM website_monitor.signing_key));
REVOKE EXECUTE ON FUNCTION website_monitor.signed FROM PUBLIC;

-- How many targets this transaction has started; 0 if the note was not made by `note_started`.
CREATE FUNCTION website_monitor.started_before() RETURNS integer
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  note text := current_setting('website_monitor.started', true);
  count integer;
BEGIN
  IF note !~ '^\d{1,9} [0-9a-f]{32}$' THEN
    RETURN 0;
  END IF;
  count := split_part(note, ' ', 1);
  RETURN CASE WHEN note = website_monitor.signed(count) THEN count ELSE 0 END;
END
$$;

REVOKE EXECUTE ON FUNCTION website_monitor.started_before FROM PUBLIC;

-- Adds to the number of targets that this transaction has started. Anybody may: more of them only wait for their grid
-- points.
CREATE FUNCTION website_monitor.note_started(count integer) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM set_config('website_monitor.started',
    website_monitor.signed(least(website_monitor.started_before()::bigint + greatest(count, 0), 999999999)::integer), true);
END
$$;

CREATE OR REPLACE FUNCTION website_monitor.start_schedules(target_ids bigint[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  -- Counted over the transaction, since many a file inserts row by row.
  started_before integer := website_monitor.started_before();
  moment timestamptz;
BEGIN
  IF cardinality(target_ids) = 0 THEN
    RETURN; -- statement triggers fire on zero rows too
  END IF;
  PERFORM FROM website_monitor.target_leases WHERE monitored_target_id = ANY (target_ids) FOR UPDATE;
  -- Under the locks and not the statement's own time: a slot leased since then must not come again.
  moment := clock_timestamp();
  PERFORM website_monitor.record_gaps_before(moment, target_ids);
  INSERT INTO website_monitor.creators (name, share)
  SELECT created_by, ((SELECT count(*) FROM website_monitor.creators) + row_number() OVER (ORDER BY created_by) - 1) % 16
  FROM (SELECT DISTINCT created_by FROM website_monitor.monitored_targets WHERE id = ANY (target_ids)) AS creator
  WHERE created_by IS NOT NULL AND created_by NOT IN (SELECT name FROM website_monitor.creators)
  ON CONFLICT DO NOTHING;
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
      SELECT id, rank, check_interval, share, website_monitor.grid_origin(id, check_interval) AS origin,
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
        WHERE slot > moment
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
