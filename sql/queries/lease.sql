-- Leases due slots in one statement: moves each target to its next grid point, journals the slots in batches, and
-- records skipped slots as gaps.
--
-- If more is due than it may lease, those who made the targets share: see website_monitor.creators.
--
-- Journals long timeouts apart: those up to 10 s in one batch, up to 20 s in another, up to 40 s, and so on, so
-- that none stretches the lease of others to more than twice its length.
--
-- Parameters: $1 integer    maximum number of slots
--             $2 text       the worker's name
--             $3 float8     default timeout in ms, for targets without one
--             $4 float8     margin in ms: a lease lasts $6 × the batch's longest timeout + slack (that timeout
--                           once more, at most 5 s) + this
--             $5 bigint[]   batches that the caller still holds, which are not abandoned
--             $6 integer    attempts that a check may take
--             $7 float8     in ms: leases slots this long before they fall due, so that they run on time
-- Returns one row: leases json ([] if nothing is due), missed json: slots that became gaps, by who made the targets,
--             more_due boolean: shares took turns, so more is due, whether or not this pass is full;
--             others_lease boolean: another worker is leasing due slots at this moment, and the expiry of its
--             lease is not visible yet; next_slot_in_ms, next_expiry_in_ms (null = none), database_now_ms
-- Indexes:    target_leases_next_fire_at for the due rows and the next one, lease_batches_expires_at,
--             incidents_open, and the targets' primary key. OFFSET 0 forces one index lookup per slot, whatever
--             the planner estimates.
-- Locks:      the due rows of target_leases, skipping those that another worker is leasing; not their keys, which
--             recording locks
WITH shares AS MATERIALIZED (
  SELECT share, count(*) OVER () > 1 AS is_shared FROM website_monitor.shares() AS one (share)
),
-- How many slots each share may lease: in turns, one of each. A share alone takes all, and need not be counted.
quotas AS MATERIALIZED (
  SELECT share, $1::bigint AS slots FROM shares WHERE NOT is_shared
  UNION ALL
  SELECT share, count(*)
  FROM (
    SELECT shares.share
    FROM shares CROSS JOIN LATERAL (
      SELECT next_fire_at, row_number() OVER (ORDER BY next_fire_at) AS turn
      FROM (
        SELECT next_fire_at FROM website_monitor.target_leases AS lease
        WHERE lease.share = shares.share AND next_fire_at <= now() + $7::float8 * interval '1 ms'
        ORDER BY next_fire_at LIMIT $1
      ) AS first
    ) AS waiting
    WHERE is_shared
    ORDER BY turn, next_fire_at
    LIMIT $1
  ) AS next
  GROUP BY share
),
locked AS MATERIALIZED (
  SELECT due.*
  FROM quotas CROSS JOIN LATERAL (
    SELECT share, ctid AS place, monitored_target_id AS target_id, next_fire_at AS first_due,
      -- After an outage a target runs once, for its newest slot; the older ones become a gap.
      greatest(next_fire_at, date_bin(check_interval, now(), grid_origin)) AS slot,
      date_bin(check_interval, greatest(next_fire_at, now()), grid_origin) + check_interval AS next_slot,
      check_interval, grid_origin
    FROM website_monitor.target_leases AS lease
    WHERE lease.share = quotas.share AND next_fire_at <= now() + $7::float8 * interval '1 ms'
    ORDER BY next_fire_at
    LIMIT quotas.slots
    FOR NO KEY UPDATE SKIP LOCKED
  ) AS due
),
-- Updates rows by ctid, which saves an index lookup per row. A row that an edit has replaced since this statement
-- began has a new ctid, and stays due.
advanced AS (
  UPDATE website_monitor.target_leases AS lease
  SET next_fire_at = date_bin(lease.check_interval, greatest(lease.next_fire_at, now()), lease.grid_origin)
    + lease.check_interval
  WHERE lease.ctid = ANY (ARRAY(SELECT place FROM locked))
  RETURNING monitored_target_id AS target_id
),
due AS MATERIALIZED (
  SELECT locked.* FROM locked JOIN advanced USING (target_id)
),
missed AS (
  INSERT INTO website_monitor.check_gaps (target_id, first_slot, last_slot, slots)
  SELECT target_id, first_due, last_slot,
    website_monitor.count_slots(first_due, last_slot, check_interval, grid_origin)
  FROM (
    SELECT *, website_monitor.last_slot_before(slot, first_due, check_interval, grid_origin) AS last_slot
    FROM due
    WHERE slot > first_due
  ) AS passed_over
  ON CONFLICT DO NOTHING
  RETURNING target_id, slots
),
leased AS MATERIALIZED (
  SELECT due.slot, target.*,
    now() + website_monitor.lease_duration(
      max(timeout_ms) OVER (PARTITION BY ceil(ln(greatest(timeout_ms, 10000) / 10000) / ln(2))),
      $6, $4::float8 + $7::float8) AS expires_at,
    (SELECT true FROM website_monitor.incidents AS incident
     WHERE incident.target_id = target.id AND incident.ended_at IS NULL) IS TRUE AS is_down
  FROM due
  CROSS JOIN LATERAL (
    SELECT id, coalesce(extract(epoch FROM timeout) * 1000, $3::float8) AS timeout_ms,
      website_monitor.target_as_json(monitored_targets) AS as_json
    FROM website_monitor.monitored_targets WHERE id = due.target_id OFFSET 0
  ) AS target
),
batch AS (
  INSERT INTO website_monitor.lease_batches (worker, leased_at, expires_at, target_ids, slots)
  SELECT $2, now(), expires_at, array_agg(id ORDER BY slot, id), array_agg(slot ORDER BY slot, id)
  FROM leased
  GROUP BY expires_at
  RETURNING batch_id, epoch, expires_at, extract(epoch FROM expires_at - leased_at) * 1000 AS lasts_ms
)
SELECT
  coalesce((
    SELECT json_agg(website_monitor.lease_as_json(
      batch.batch_id, batch.epoch, batch.lasts_ms, leased.slot, leased.timeout_ms, leased.is_down, leased.as_json
    ) ORDER BY leased.slot, leased.id)
    FROM leased JOIN batch USING (expires_at)
  ), '[]') AS leases,
  (
    SELECT coalesce(json_agg(creator), '[]')
    FROM (
      SELECT due.share, leased.as_json ->> 'createdBy' AS "createdBy", sum(missed.slots)::float8 AS slots
      FROM missed JOIN due USING (target_id) JOIN leased ON leased.id = missed.target_id
      GROUP BY due.share, "createdBy"
    ) AS creator
  ) AS missed,
  (SELECT bool_or(is_shared) FROM shares) AND (SELECT sum(slots) FROM quotas) >= $1::bigint
    AND EXISTS (SELECT FROM due) AS more_due,
  website_monitor.count_due(now() + $7::float8 * interval '1 ms', $1::integer) > (SELECT count(*) FROM due) AS others_lease,
  extract(epoch FROM least(
    website_monitor.next_slot_after(now() + $7::float8 * interval '1 ms'),
    (SELECT min(next_slot) FROM due)) - clock_timestamp())::float8 * 1000 AS next_slot_in_ms,
  extract(epoch FROM (
    SELECT min(expires_at) FROM website_monitor.lease_batches WHERE batch_id NOT IN (SELECT unnest($5::bigint[]))
  ) - clock_timestamp())::float8 * 1000 AS next_expiry_in_ms,
  extract(epoch FROM clock_timestamp())::float8 * 1000 AS database_now_ms
