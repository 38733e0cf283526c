-- Sends the listener's heartbeat, a notification that must come back to its sender, and looks for due work
-- that no wake-up announced: the slow safety pass. Writes the worker's own row, so that an idle worker needs no
-- statement of its own for it.
--
-- Parameters: $1 text     payload by which the sender recognises its own echo; others ignore it
--             $2 integer  certificates are counted from this many days before they expire
--             $3 jsonb    the worker: instanceId, name, version, upMs, lagMs, running, places, slow, slowPlaces,
--                         targetsKnown, targetsDown; null = it has no row
-- Returns:    due boolean: slots or batches; alerts_due boolean: events, alerts or deliveries
--             certificate_expires_s float8, the earliest expiry of all, in seconds since 1970; null if none is known
--             certificates_expiring integer, at most 1000
--             alerting json: alerts by state; waiting_since_s, the creation of the oldest delivery that waits, in seconds
--             since 1970; dead, the dead letters, and slow, the slow targets, at most 10,000 each; failing, channels that accept no
--             messages
-- Indexes:    target_leases_next_fire_at, lease_batches_expires_at, target_certificates_expires_at, alerts_due,
--             deliveries_waiting, deliveries_dead, conditions_open; channels and workers are few
-- Locks:      the worker's own row; NOTIFY's global lock, during this commit; four times a minute per worker
WITH seen AS (
  INSERT INTO website_monitor.workers AS worker (
    instance_id, name, version, started_at, seen_at, lag_ms, running, places, slow, slow_places, targets_known, targets_down)
  SELECT "instanceId", name, version, now() - "upMs" * interval '1 ms', now(), "lagMs", running, places, slow, "slowPlaces",
    "targetsKnown", "targetsDown"
  FROM jsonb_to_record($3::jsonb) AS one (
    "instanceId" uuid, name text, version text, "upMs" float8, "lagMs" integer, running integer, places integer, slow integer,
    "slowPlaces" integer, "targetsKnown" integer, "targetsDown" integer)
  WHERE "instanceId" IS NOT NULL
  ON CONFLICT (instance_id) DO UPDATE SET
    seen_at = excluded.seen_at, lag_ms = excluded.lag_ms, running = excluded.running, slow = excluded.slow,
    targets_known = excluded.targets_known, targets_down = excluded.targets_down
)
SELECT
  least(website_monitor.next_slot_after('-infinity'), (SELECT min(expires_at) FROM website_monitor.lease_batches)) <= now() IS TRUE AS due,
  website_monitor.alerts_are_due() AS alerts_due,
  extract(epoch FROM (SELECT min(expires_at) FROM website_monitor.target_certificates))::float8 AS certificate_expires_s,
  (SELECT count(*) FROM (
    SELECT FROM website_monitor.target_certificates
    WHERE expires_at < now() + $2::integer * interval '1 d' ORDER BY expires_at LIMIT 1000
  ) AS expiring)::integer AS certificates_expiring,
  (SELECT json_build_object(
    'alerts', (
      SELECT coalesce(json_object_agg(state, count), '{}') FROM (
        SELECT state, count(*) FROM website_monitor.alerts WHERE state <> 'closed' GROUP BY state
      ) AS by_state),
    'waitingSinceS', (
      SELECT extract(epoch FROM min(first.created_at))::float8
      FROM website_monitor.channels AS channel
      CROSS JOIN LATERAL (
        SELECT created_at FROM website_monitor.deliveries AS delivery
        WHERE delivery.channel_id = channel.id AND delivery.state = 'waiting' ORDER BY id LIMIT 1
      ) AS first
      WHERE channel.enabled),
    'dead', (
      SELECT count(*) FROM (SELECT FROM website_monitor.deliveries WHERE state = 'dead' LIMIT 10000) AS dead),
    'slow', (
      SELECT count(*) FROM (
        SELECT FROM website_monitor.conditions WHERE kind = 'slow' AND ended_at IS NULL LIMIT 10000) AS slow),
    'failing', (
      SELECT count(*) FROM website_monitor.channel_queues JOIN website_monitor.channels ON channels.id = channel_id
      WHERE enabled AND failing_since IS NOT NULL OR NOT enabled AND channels.problem IS NOT NULL)
  )) AS alerting,
  pg_notify('website_monitor', $1)
