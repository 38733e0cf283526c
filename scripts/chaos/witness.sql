-- Observes independently of the service's tables: which schedule applied when, which leases expired unfinished,
-- and which worker finished a batch when.
CREATE SCHEMA chaos;

-- One row per state of a target: its schedule from then on, until its next row. The change may
-- take effect at any moment from `since` to `noted_at`, depending on when the service gets its locks. The first
-- slot is read from the service's table, and verified to lie in that time.
CREATE TABLE chaos.schedules (
  target_id bigint NOT NULL,
  version integer NOT NULL,
  url text NOT NULL,
  since timestamptz NOT NULL DEFAULT statement_timestamp(),
  noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  is_due boolean NOT NULL, -- false: disabled or deleted
  check_interval interval NOT NULL,
  first_slot timestamptz, -- null if not due
  PRIMARY KEY (target_id, since)
);

-- For the targets that one statement inserted or changed.
CREATE FUNCTION chaos.note_schedules(target_ids bigint[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO chaos.schedules (target_id, version, url, is_due, check_interval, first_slot)
  SELECT id, version, url, enabled, target.check_interval, lease.next_fire_at
  FROM website_monitor.monitored_targets AS target
  LEFT JOIN website_monitor.target_leases AS lease ON monitored_target_id = id
  WHERE id = ANY (target_ids)
$$;

-- Fires after the service's own triggers, whose names sort before it.
CREATE FUNCTION chaos.after_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM chaos.note_schedules(ARRAY(SELECT id FROM new_targets));
  ELSIF TG_OP = 'UPDATE' THEN
    PERFORM chaos.note_schedules(ARRAY(
      SELECT id FROM new_targets AS target JOIN old_targets AS former USING (id)
      WHERE target.version <> former.version));
  ELSE
    INSERT INTO chaos.schedules (target_id, version, url, is_due, check_interval)
    SELECT id, version, url, false, check_interval FROM old_targets;
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER chaos_insert AFTER INSERT ON website_monitor.monitored_targets
  REFERENCING NEW TABLE AS new_targets FOR EACH STATEMENT EXECUTE FUNCTION chaos.after_change();
CREATE TRIGGER chaos_update AFTER UPDATE ON website_monitor.monitored_targets
  REFERENCING OLD TABLE AS old_targets NEW TABLE AS new_targets
  FOR EACH STATEMENT EXECUTE FUNCTION chaos.after_change();
CREATE TRIGGER chaos_delete AFTER DELETE ON website_monitor.monitored_targets
  REFERENCING OLD TABLE AS old_targets FOR EACH STATEMENT EXECUTE FUNCTION chaos.after_change();

-- Slots whose lease expired, or was given back, before they were recorded. They may have been requested already,
-- and may be requested again.
CREATE TABLE chaos.expired_leases (
  target_id bigint NOT NULL,
  slot timestamptz NOT NULL,
  worker text NOT NULL,
  noticed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION chaos.note_expiry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO chaos.expired_leases (target_id, slot, worker)
  SELECT leased.target_id, leased.slot, OLD.worker
  FROM unnest(OLD.target_ids, OLD.slots) AS leased (target_id, slot)
  WHERE NOT EXISTS (
    SELECT FROM website_monitor.check_results AS result
    WHERE result.target_id = leased.target_id AND result.scheduled_at = leased.slot);
  RETURN NULL;
END
$$;

CREATE TRIGGER chaos_expiry AFTER UPDATE OR DELETE ON website_monitor.lease_batches
  FOR EACH ROW WHEN (OLD.expires_at <= clock_timestamp()) EXECUTE FUNCTION chaos.note_expiry();

CREATE TABLE chaos.finished_batches (
  worker text NOT NULL,
  finished_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON chaos.finished_batches (finished_at);

CREATE FUNCTION chaos.note_finish() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO chaos.finished_batches (worker) VALUES (OLD.worker);
  RETURN NULL;
END
$$;

CREATE TRIGGER chaos_finish AFTER DELETE ON website_monitor.lease_batches
  FOR EACH ROW WHEN (OLD.expires_at > clock_timestamp()) EXECUTE FUNCTION chaos.note_finish();

-- The requests that the website received; filled in at the end.
CREATE TABLE chaos.requests (url text NOT NULL, at timestamptz NOT NULL, answered_at timestamptz);
CREATE INDEX ON chaos.requests (url, at);

-- What should have happened; due-slots.sql computes it at the end.
CREATE TABLE chaos.due (
  target_id bigint NOT NULL,
  slot timestamptz NOT NULL,
  PRIMARY KEY (target_id, slot)
);
