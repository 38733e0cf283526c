-- Slots are leased a moment before they fall due. So a schedule that starts anew must begin after the slots
-- that its target may be leased for already: no slot is in two leases.

-- Starts, or starts anew, the schedule of the targets named: the first 200 of a transaction are due at
-- once, the others at their next grid point, which spreads them over one interval. Wakes the workers.
CREATE OR REPLACE FUNCTION website_monitor.start_schedules(target_ids bigint[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  -- Counted over the transaction, since many a file inserts row by row.
  started_before integer := coalesce(nullif(current_setting('website_monitor.started', true), ''), '0');
  moment timestamptz;
BEGIN
  IF cardinality(target_ids) = 0 THEN
    RETURN; -- statement triggers fire on zero rows too
  END IF;
  PERFORM FROM website_monitor.target_leases WHERE monitored_target_id = ANY (target_ids) FOR UPDATE;
  -- Under the locks and not the statement's own time: a slot leased since then must not come again.
  moment := clock_timestamp();
  PERFORM website_monitor.record_gaps_before(moment, target_ids);
  INSERT INTO website_monitor.target_leases AS lease (monitored_target_id, next_fire_at, check_interval, grid_origin)
  SELECT id,
    CASE
      WHEN rank + started_before > 200 THEN grid_point
      -- Of many, one whose grid point is as good as here waits for it: the lease could come after it.
      WHEN cardinality(target_ids) > 50 AND grid_point < since + least(interval '1 s', check_interval / 2)
        THEN grid_point
      ELSE since
    END,
    check_interval, origin
  FROM (
    SELECT id, rank, check_interval, origin, since,
      date_bin(check_interval, since, origin) + check_interval AS grid_point
    FROM (
      SELECT id, rank, check_interval, website_monitor.grid_origin(id, check_interval) AS origin,
        coalesce(leased.newest + interval '1 us', moment) AS since
      FROM (
        SELECT id, row_number() OVER (ORDER BY id) AS rank,
          -- In seconds: to add a day follows the session's time zone, and the grid knows no summer time.
          extract(epoch FROM check_interval) * interval '1 s' AS check_interval
        FROM website_monitor.monitored_targets
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
    grid_origin = excluded.grid_origin;
  PERFORM set_config('website_monitor.started', (started_before + cardinality(target_ids))::text, true);
  -- A constant payload, so that PostgreSQL folds repeats within one transaction into one.
  PERFORM pg_catalog.pg_notify('website_monitor', '');
END
$$;
