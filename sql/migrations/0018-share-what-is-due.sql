-- When more is due than can be run, it is shared between those who made the targets.

-- Who has made targets, and the share of the schedule that theirs belong to. Sixteen shares at most: the seventeenth
-- creator joins another.
CREATE TABLE website_monitor.creators (
  name text PRIMARY KEY, -- as in monitored_targets.created_by
  share smallint NOT NULL,
  CONSTRAINT "a share is a number from 0 to 15" CHECK (share BETWEEN 0 AND 15)
);
GRANT SELECT ON website_monitor.creators TO PUBLIC; -- names of roles, which everybody may read

INSERT INTO website_monitor.creators (name, share)
SELECT created_by, (row_number() OVER (ORDER BY min(id)) - 1) % 16
FROM website_monitor.monitored_targets WHERE created_by IS NOT NULL GROUP BY created_by;

ALTER TABLE website_monitor.target_leases
  ADD COLUMN share smallint NOT NULL DEFAULT 0,
  ADD CONSTRAINT "a share is a number from 0 to 15" CHECK (share BETWEEN 0 AND 15);

UPDATE website_monitor.target_leases AS lease SET share = creator.share
FROM website_monitor.monitored_targets AS target JOIN website_monitor.creators AS creator ON creator.name = target.created_by
WHERE target.id = lease.monitored_target_id AND creator.share > 0;

DROP INDEX website_monitor.target_leases_next_fire_at;
CREATE INDEX target_leases_next_fire_at ON website_monitor.target_leases (share, next_fire_at);

-- Targets follow when the share of their creator is edited or deleted.
CREATE FUNCTION website_monitor.after_creator_change() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE website_monitor.target_leases SET share = CASE TG_OP WHEN 'UPDATE' THEN NEW.share ELSE 0 END
  WHERE monitored_target_id IN (SELECT id FROM website_monitor.monitored_targets WHERE created_by = OLD.name);
  RETURN NULL;
END
$$;
CREATE TRIGGER after_creator_change AFTER UPDATE OR DELETE ON website_monitor.creators
  FOR EACH ROW EXECUTE FUNCTION website_monitor.after_creator_change();

-- The shares in use, and those below them.
CREATE FUNCTION website_monitor.shares() RETURNS SETOF smallint
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT generate_series(0, coalesce((SELECT max(share) FROM website_monitor.target_leases), 0))::smallint;
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

-- How many targets each running transaction has started. Not for a session to set: it would start any number at once.
CREATE UNLOGGED TABLE website_monitor.starts (
  transaction xid8 PRIMARY KEY,
  targets integer NOT NULL
);

CREATE FUNCTION website_monitor.started_before() RETURNS integer
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  RETURN coalesce((SELECT targets FROM website_monitor.starts WHERE transaction = pg_current_xact_id_if_assigned()), 0);
REVOKE EXECUTE ON FUNCTION website_monitor.started_before FROM PUBLIC;

-- Adds to the number of targets that this transaction has started. Anybody may: more of them only wait for their grid
-- points. Removes what transactions that are over have left.
CREATE FUNCTION website_monitor.note_started(count integer) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO website_monitor.starts VALUES (pg_current_xact_id(), least(greatest(count, 0), 1000000))
  ON CONFLICT (transaction) DO UPDATE SET targets = least(starts.targets + excluded.targets, 1000000);
  DELETE FROM website_monitor.starts WHERE transaction = ANY (ARRAY(
    SELECT transaction FROM website_monitor.starts
    WHERE transaction < pg_snapshot_xmin(pg_current_snapshot()) LIMIT 100 FOR UPDATE SKIP LOCKED));
END
$$;

-- Gives those who made the targets a share, if they have none: the one that fewest have.
CREATE FUNCTION website_monitor.note_creators(target_ids bigint[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  creator text;
BEGIN
  FOR creator IN
    SELECT DISTINCT created_by FROM website_monitor.monitored_targets
    WHERE id = ANY (target_ids) AND created_by IS NOT NULL
      AND NOT EXISTS (SELECT FROM website_monitor.creators WHERE name = created_by)
  LOOP
    -- Rare. Two new creators at the same time would choose the same.
    LOCK TABLE website_monitor.creators IN SHARE ROW EXCLUSIVE MODE;
    INSERT INTO website_monitor.creators (name, share)
    SELECT creator, one.share
    FROM generate_series(0, 15) AS one (share)
    ORDER BY (SELECT count(*) FROM website_monitor.creators AS other WHERE other.share = one.share), one.share LIMIT 1
    ON CONFLICT DO NOTHING;
  END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION website_monitor.note_creators FROM PUBLIC;

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

-- Notifies, too: workers end the checks of these targets.
CREATE OR REPLACE FUNCTION website_monitor.stop_schedules(target_ids bigint[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF cardinality(target_ids) = 0 THEN
    RETURN; -- statement triggers fire on zero rows too
  END IF;
  -- The lock first: a lease under way may be moving next_fire_at, and what it leased is no gap.
  PERFORM FROM website_monitor.target_leases WHERE monitored_target_id = ANY (target_ids) FOR UPDATE;
  PERFORM website_monitor.record_gaps_before(clock_timestamp(), target_ids);
  DELETE FROM website_monitor.target_leases WHERE monitored_target_id = ANY (target_ids);
  UPDATE website_monitor.incidents SET ended_at = greatest(started_at, clock_timestamp())
  WHERE target_id = ANY (target_ids) AND ended_at IS NULL;
  DELETE FROM website_monitor.target_certificates WHERE target_id = ANY (target_ids);
  PERFORM pg_catalog.pg_notify('website_monitor', '');
END
$$;
