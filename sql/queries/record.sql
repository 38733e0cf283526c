-- Records checks and releases the batches that they complete. Idempotent, so it can be retried after a cut
-- connection: the primary key rejects recorded checks, and a released batch holds no slots.
--
-- Locks each batch first and compares its epoch. A worker that lost the lease records nothing, so a slot
-- that became a gap, or runs again elsewhere, gets no second record.
--
-- Parameters: $1 bigint[]  batches of the checks and of the releases   $2 integer[]  their epochs
--             $3 text      the worker's name
--             $4 bigint[]  batches to release: complete with these checks
--             $5 bigint[]  batches to give back: complete, but some slots were returned and are due at once
--             $6 bigint[], $7 bigint[], $8 timestamptz[], $9 gap_reason[]: parallel arrays, one element per slot that
--             becomes a gap: batch_id, target_id, scheduled_at, reason
--             $10… parallel arrays, one element per check: batch_id, target_id, scheduled_at, started_at
--             (ms since 1970), outcome, target_version, total_us, dns_us, connect_us, tls_us, ttfb_us,
--             transfer_us, cause, http_status, regex_match, body_cut, rechecks, first_cause, detail,
--             target_snapshot
-- Returns:    ordinal (1 = the first check) of each check that the caller recorded, by this statement or by an
--             earlier attempt whose answer was lost; transition: 'down' or 'up' if this statement opened or
--             ended an incident because of that check, else null
-- Index:      the primary keys, incidents_open
-- Locks:      the batches, which other workers' statements skip. The incidents that it ends and the schedules of
--             targets that go down: skips those that a user's open transaction has locked, until the next check
WITH held AS MATERIALIZED (
  SELECT batch_id
  FROM website_monitor.lease_batches
  JOIN unnest($1::bigint[], $2::integer[]) AS mine (batch_id, epoch) USING (batch_id, epoch)
  ORDER BY batch_id -- in one order everywhere, so that two statements cannot deadlock
  FOR UPDATE OF lease_batches
),
given AS MATERIALIZED (
  SELECT *, to_timestamp(started_at_ms / 1000) AS started_at
  FROM unnest(
    $10::bigint[], $11::bigint[], $12::timestamptz[], $13::float8[], $14::website_monitor.check_outcome[], $15::integer[],
    $16::integer[], $17::integer[], $18::integer[], $19::integer[], $20::integer[], $21::integer[],
    $22::website_monitor.check_cause[], $23::smallint[], $24::boolean[], $25::boolean[], $26::smallint[], $27::website_monitor.check_cause[], $28::text[], $29::jsonb[]
  ) WITH ORDINALITY AS given (
    batch_id, target_id, scheduled_at, started_at_ms, outcome, target_version,
    total_us, dns_us, connect_us, tls_us, ttfb_us, transfer_us,
    cause, http_status, regex_match, body_cut, rechecks, first_cause, detail, target_snapshot, ordinal
  )
),
finished AS MATERIALIZED (
  SELECT * FROM given WHERE batch_id IN (SELECT batch_id FROM held)
),
gaps AS (
  INSERT INTO website_monitor.check_gaps (target_id, first_slot, last_slot, slots, reason)
  SELECT target_id, scheduled_at, scheduled_at, 1, reason
  FROM unnest($6::bigint[], $7::bigint[], $8::timestamptz[], $9::website_monitor.gap_reason[])
    AS skipped (batch_id, target_id, scheduled_at, reason)
  WHERE batch_id IN (SELECT batch_id FROM held)
  ON CONFLICT DO NOTHING
),
recorded AS (
  INSERT INTO website_monitor.check_results (
    target_id, scheduled_at, started_at, outcome, target_version,
    total_us, dns_us, connect_us, tls_us, ttfb_us, transfer_us, cause, http_status, regex_match, body_cut,
    rechecks, first_cause)
  SELECT target_id, scheduled_at, started_at, outcome, target_version,
    total_us, dns_us, connect_us, tls_us, ttfb_us, transfer_us, cause, http_status, regex_match, body_cut,
    rechecks, first_cause
  FROM finished
  ON CONFLICT DO NOTHING
  RETURNING target_id, scheduled_at
),
-- Their buckets may be rolled up already: see website_monitor.roll_up.
late AS (
  INSERT INTO website_monitor.rollup_dirty (target_id, first_slot, last_slot)
  SELECT target_id, scheduled_at, scheduled_at FROM recorded WHERE scheduled_at < now() - interval '60 s'
),
failures AS (
  INSERT INTO website_monitor.failure_log (
    target_id, scheduled_at, cause, detail, http_status, worker, target_snapshot)
  SELECT target_id, scheduled_at, cause, detail, http_status, $3, target_snapshot
  FROM finished JOIN recorded USING (target_id, scheduled_at)
  WHERE outcome <> 'up'
  ON CONFLICT DO NOTHING
),
-- The state of each target: its newest check that is up or down.
newest AS MATERIALIZED (
  SELECT DISTINCT ON (target_id) target_id, scheduled_at, outcome, cause, detail, open.since
  FROM finished JOIN recorded USING (target_id, scheduled_at)
  CROSS JOIN LATERAL (
    SELECT (SELECT started_at FROM website_monitor.incidents AS incident
            WHERE incident.target_id = finished.target_id AND incident.ended_at IS NULL) AS since
    OFFSET 0
  ) AS open
  WHERE outcome <> 'unknown'
  ORDER BY target_id, scheduled_at DESC
),
-- Rare. Ignores a slot that was taken over and recorded after a newer one.
transitions AS MATERIALIZED (
  SELECT * FROM newest
  WHERE (outcome = 'down') = (since IS NULL) AND (
    SELECT true FROM website_monitor.check_results AS result
    WHERE result.target_id = newest.target_id AND result.scheduled_at > newest.scheduled_at
      AND result.scheduled_at <= now() -- later ones are of before the clock was set back
      AND result.outcome <> 'unknown'
    LIMIT 1
  ) IS NULL
),
-- A separate CTE, like open_still: a subquery ran once per transition.
scheduled AS MATERIALIZED (
  -- Only targets that still have a schedule. Locked, because ending the schedule ends the incident too.
  SELECT monitored_target_id FROM website_monitor.target_leases
  WHERE monitored_target_id = ANY (ARRAY(SELECT target_id FROM transitions WHERE outcome = 'down'))
  ORDER BY monitored_target_id
  FOR KEY SHARE SKIP LOCKED
),
opened AS (
  INSERT INTO website_monitor.incidents (target_id, started_at, cause, detail)
  SELECT target_id, scheduled_at, cause, detail FROM transitions
  WHERE outcome = 'down' AND target_id = ANY (ARRAY(SELECT monitored_target_id FROM scheduled))
  ON CONFLICT DO NOTHING
  RETURNING target_id, started_at AS scheduled_at
),
open_still AS MATERIALIZED (
  SELECT target_id FROM website_monitor.incidents
  WHERE target_id = ANY (ARRAY(SELECT target_id FROM transitions WHERE outcome = 'up')) AND ended_at IS NULL
  ORDER BY target_id
  FOR UPDATE SKIP LOCKED
),
ended AS (
  UPDATE website_monitor.incidents AS incident
  SET ended_at = greatest(transitions.scheduled_at, incident.started_at)
  FROM transitions
  WHERE incident.target_id = transitions.target_id AND incident.started_at = transitions.since AND transitions.outcome = 'up'
    AND transitions.target_id = ANY (ARRAY(SELECT target_id FROM open_still))
  RETURNING incident.target_id, transitions.scheduled_at
),
released AS (
  DELETE FROM website_monitor.lease_batches
  WHERE batch_id = ANY ($4::bigint[]) AND batch_id IN (SELECT batch_id FROM held)
),
given_back AS (
  UPDATE website_monitor.lease_batches SET expires_at = now()
  WHERE batch_id = ANY ($5::bigint[]) AND batch_id IN (SELECT batch_id FROM held)
  RETURNING pg_notify('website_monitor', '')
)
SELECT ordinal::integer,
  CASE WHEN opened.target_id IS NOT NULL THEN 'down' WHEN ended.target_id IS NOT NULL THEN 'up' END AS transition
FROM given
LEFT JOIN recorded USING (target_id, scheduled_at)
LEFT JOIN opened USING (target_id, scheduled_at)
LEFT JOIN ended USING (target_id, scheduled_at)
WHERE recorded.target_id IS NOT NULL OR started_at = (
  SELECT result.started_at FROM website_monitor.check_results AS result
  WHERE result.target_id = given.target_id AND result.scheduled_at = given.scheduled_at)
