-- Takes over an expired batch: leases its unrecorded slots again under a new epoch.
--
-- A separate statement after claim-expired-batch.sql, so that its snapshot shows everything that the former owner
-- recorded before we got the lock. A slot is not worth running, and becomes a gap, if its target is deleted or
-- disabled, if a newer slot of the target is due, or if it is older than an interval plus two lease durations:
-- after an outage each target runs once.
--
-- Journals long timeouts apart, as lease.sql does: a timeout may have been edited since.
--
-- Parameters: $1 bigint   the locked batch
--             $2 integer  maximum number of slots; the others stay in the batch, still expired
--             $3 text     the worker's name
--             $4 float8   default timeout in ms
--             $5 float8   margin in ms
--             $6 integer  attempts that a check may take
-- Returns one row: leases json, slots_missed bigint, database_now_ms
-- Indexes:    primary keys, and incidents_open. The planner cannot turn the scalar subqueries on check_results and check_gaps
--             and the one with OFFSET 0 on the targets into joins. Joins could scan every partition, or look up every
--             target once per slot (80,000 pages for 200 slots).
-- Locks:      none beyond the batch
WITH expired AS MATERIALIZED (
  SELECT batch_id, epoch, target_ids, slots, expires_at - leased_at AS lasts
  FROM website_monitor.lease_batches WHERE batch_id = $1
),
unfinished AS MATERIALIZED (
  SELECT slot.target_id, slot.scheduled_at, expired.lasts
  FROM expired, unnest(expired.target_ids, expired.slots) AS slot (target_id, scheduled_at)
  WHERE (
    SELECT true FROM website_monitor.check_results AS result
    WHERE result.target_id = slot.target_id AND result.scheduled_at = slot.scheduled_at
  ) IS NULL AND (
    SELECT true FROM website_monitor.check_gaps AS gap
    WHERE gap.target_id = slot.target_id AND gap.first_slot = slot.scheduled_at
  ) IS NULL -- skipped by the former owner
),
schedule AS MATERIALIZED (
  SELECT monitored_target_id AS target_id, next_fire_at, check_interval
  FROM website_monitor.target_leases
  WHERE monitored_target_id = ANY (ARRAY(SELECT target_id FROM unfinished))
),
worthwhile AS MATERIALIZED (
  SELECT unfinished.target_id, unfinished.scheduled_at,
    row_number() OVER (ORDER BY unfinished.scheduled_at, unfinished.target_id) <= $2 AS taken
  FROM unfinished JOIN schedule USING (target_id)
  WHERE schedule.next_fire_at > now()
    AND now() < unfinished.scheduled_at + schedule.check_interval + 2 * unfinished.lasts
),
given_up AS (
  INSERT INTO website_monitor.check_gaps (target_id, first_slot, last_slot, slots)
  SELECT target_id, scheduled_at, scheduled_at, 1
  FROM unfinished
  WHERE (target_id, scheduled_at) NOT IN (SELECT target_id, scheduled_at FROM worthwhile)
  ON CONFLICT DO NOTHING -- one odd row must not hold up every takeover
  RETURNING slots
),
leased AS MATERIALIZED (
  SELECT worthwhile.scheduled_at AS slot, target.*,
    now() + website_monitor.lease_duration(
      max(timeout_ms) OVER (PARTITION BY ceil(ln(greatest(timeout_ms, 10000) / 10000) / ln(2))),
      $6, $5::float8) AS expires_at,
    (SELECT true FROM website_monitor.incidents AS incident
     WHERE incident.target_id = target.id AND incident.ended_at IS NULL) IS TRUE AS is_down
  FROM worthwhile
  CROSS JOIN LATERAL (
    SELECT id, coalesce(extract(epoch FROM timeout) * 1000, $4::float8) AS timeout_ms,
      website_monitor.target_as_json(monitored_targets) AS as_json
    FROM website_monitor.monitored_targets WHERE id = worthwhile.target_id OFFSET 0
  ) AS target
  WHERE worthwhile.taken
),
batch AS (
  INSERT INTO website_monitor.lease_batches (epoch, worker, leased_at, expires_at, target_ids, slots)
  SELECT (SELECT epoch FROM expired) + 1, $3, now(), expires_at,
    array_agg(id ORDER BY slot, id), array_agg(slot ORDER BY slot, id)
  FROM leased
  GROUP BY expires_at
  RETURNING batch_id, epoch, expires_at, extract(epoch FROM expires_at - leased_at) * 1000 AS lasts_ms
),
-- The new epoch also locks the former owner out of the slots left behind.
left_behind AS (
  UPDATE website_monitor.lease_batches AS former
  SET epoch = former.epoch + 1, target_ids = rest.target_ids, slots = rest.slots
  FROM (
    SELECT array_agg(target_id ORDER BY scheduled_at, target_id) AS target_ids,
      array_agg(scheduled_at ORDER BY scheduled_at, target_id) AS slots
    FROM worthwhile WHERE NOT taken
    HAVING count(*) > 0
  ) AS rest
  WHERE former.batch_id = $1
),
ended AS (
  DELETE FROM website_monitor.lease_batches
  WHERE batch_id = $1 AND NOT EXISTS (SELECT FROM worthwhile WHERE NOT taken)
)
SELECT
  coalesce((
    SELECT json_agg(website_monitor.lease_as_json(
      batch.batch_id, batch.epoch, batch.lasts_ms, leased.slot, leased.timeout_ms, leased.is_down, leased.as_json
    ) ORDER BY leased.slot, leased.id)
    FROM leased JOIN batch USING (expires_at)
  ), '[]') AS leases,
  (SELECT coalesce(sum(slots), 0) FROM given_up)::float8 AS slots_missed,
  extract(epoch FROM clock_timestamp())::float8 * 1000 AS database_now_ms
