-- The whole ledger of website-monitor: what to check, when it is due, who runs it, what came of it.
-- Every name is qualified, so that it reads the same whatever the session's search_path is.

CREATE TYPE website_monitor.check_outcome AS ENUM ('up', 'down', 'unknown');

CREATE TYPE website_monitor.check_cause AS ENUM (
  -- the website's own troubles: the check is down
  'dns_not_found', 'dns_server_failure', 'dns_timeout',
  'connect_refused', 'connect_unreachable', 'connect_timeout', 'connection_reset',
  'tls_expired', 'tls_not_yet_valid', 'tls_wrong_host', 'tls_self_signed', 'tls_untrusted', 'tls_failed',
  'tls_timeout',
  'response_timeout', 'transfer_timeout', 'protocol_error', 'too_many_redirects', 'invalid_redirect',
  'http_status', 'regex_mismatch',
  -- our own troubles, or a configuration nobody could check: the check is unknown
  'resolver_unavailable', 'out_of_resources', 'worker_stalled', 'regex_invalid', 'regex_timeout',
  'request_invalid', 'internal_error'
);

-- ── What is checked ──────────────────────────────────────────────────────────────────────────────

-- True where every header is a name and a text that HTTP can carry in one line.
CREATE FUNCTION website_monitor.headers_are_strings(headers jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN jsonb_typeof(headers) = 'object'
    -- strict: the default mode would look into an array and find its strings
    AND NOT jsonb_path_exists(headers, 'strict $.* ? (@.type() != "string")', silent => true);

CREATE FUNCTION website_monitor.headers_are_single_lines(headers jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN NOT jsonb_path_exists(headers, '$.* ? (@ like_regex "[\r\n]")', silent => true)
    AND NOT jsonb_path_exists(headers,
      '$.keyvalue() ? (!(@.key like_regex "^[-!#$%&''*+.^_`|~0-9A-Za-z]+$"))', silent => true);

-- False where a header is named that the request's own framing decides.
CREATE FUNCTION website_monitor.headers_are_ours_to_send(headers jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN NOT jsonb_path_exists(headers,
    '$.keyvalue() ? (@.key like_regex "^(host|connection|content-length|transfer-encoding)$" flag "i")', silent => true);

CREATE TABLE website_monitor.monitored_targets (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  url text NOT NULL,
  method text NOT NULL DEFAULT 'GET',
  check_interval interval NOT NULL DEFAULT '60 s',
  default_headers jsonb,
  regex_pattern text,
  enabled boolean NOT NULL DEFAULT true,
  timeout interval, -- null = the service's --max-timeout
  version integer NOT NULL DEFAULT 1, -- counts the edits that matter
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),

  CONSTRAINT "url must start with http:// or https:// and name a host"
    CHECK (url ~* '^https?://[^\s/?#@]+([/?#]\S*)?$'),
  CONSTRAINT "url must be at most 2048 characters long"
    CHECK (length(url) <= 2048),
  CONSTRAINT "method must be GET HEAD POST PUT PATCH DELETE or OPTIONS"
    CHECK (method IN ('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS')),
  CONSTRAINT "check_interval must not count in months"
    CHECK (extract(year FROM check_interval) = 0 AND extract(month FROM check_interval) = 0),
  CONSTRAINT "check_interval must be from 1 second to 30 days"
    CHECK (check_interval BETWEEN interval '1 s' AND interval '30 d'),
  CONSTRAINT "default_headers must be an object of strings"
    CHECK (website_monitor.headers_are_strings(default_headers)),
  CONSTRAINT "default_headers must be plain names and single lines"
    CHECK (website_monitor.headers_are_single_lines(default_headers)),
  CONSTRAINT "default_headers must be at most 16 KiB"
    CHECK (octet_length(default_headers::text) <= 16384),
  CONSTRAINT "default_headers must leave Host and framing headers to us"
    CHECK (website_monitor.headers_are_ours_to_send(default_headers)),
  CONSTRAINT "regex_pattern must be at most 1000 characters long"
    CHECK (length(regex_pattern) <= 1000),
  CONSTRAINT "timeout must be from 1 millisecond to 10 minutes"
    CHECK (timeout BETWEEN interval '1 ms' AND interval '10 min')
);

-- Hash, because a url may be longer than a B-tree entry.
CREATE INDEX monitored_targets_url ON website_monitor.monitored_targets USING hash (url);

COMMENT ON COLUMN website_monitor.monitored_targets.regex_pattern IS
  'RE2 syntax, searched anywhere in the body; null accepts any body';
COMMENT ON COLUMN website_monitor.monitored_targets.timeout IS
  'budget of the whole check, redirects included; null = the service''s --max-timeout';

-- ── When it is due ───────────────────────────────────────────────────────────────────────────────

-- One narrow row per enabled target, kept by the triggers below. The only hot table: a lease moves
-- next_fire_at from one grid point to the next.
CREATE TABLE website_monitor.target_leases (
  monitored_target_id bigint PRIMARY KEY,
  next_fire_at timestamptz NOT NULL,
  check_interval interval NOT NULL, -- in seconds, whatever unit the target's is in
  grid_origin timestamptz NOT NULL -- any moment of the grid; the others lie check_interval apart
) WITH (
  fillfactor = 80,
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500,
  autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_scale_factor = 0.05
);

CREATE INDEX target_leases_next_fire_at ON website_monitor.target_leases (next_fire_at);

-- Where a target's grid lies: multiples of the golden ratio spread consecutive ids as evenly over
-- one interval as can be, so neither a bulk insert nor a restart makes checks fall together.
CREATE FUNCTION website_monitor.grid_origin(target_id bigint, check_interval interval) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN timestamptz '2000-01-01 00:00:00+00'
    + check_interval * ((target_id * 0.6180339887498948482) % 1)::double precision;

-- The last slot before `upper_bound` of a target whose first due slot is `first_slot`. Only the
-- first may lie off the grid.
CREATE FUNCTION website_monitor.last_slot_before(
  upper_bound timestamptz, first_slot timestamptz, check_interval interval, grid_origin timestamptz
) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN greatest(first_slot, date_bin(check_interval, upper_bound - interval '1 us', grid_origin));

-- How many slots there are from `first_slot` to `last_slot`, both included.
CREATE FUNCTION website_monitor.count_slots(
  first_slot timestamptz, last_slot timestamptz, check_interval interval, grid_origin timestamptz
) RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN 1 + round(
    extract(epoch FROM date_bin(check_interval, last_slot, grid_origin)
                     - date_bin(check_interval, first_slot, grid_origin))
    / extract(epoch FROM check_interval));

-- ── Who runs it ──────────────────────────────────────────────────────────────────────────────────

-- A journal of what is being run: one row per leased batch, deleted with the recording of its last slot.
CREATE TABLE website_monitor.lease_batches (
  batch_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  epoch integer NOT NULL DEFAULT 1, -- raised by each takeover
  worker text NOT NULL,
  leased_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  target_ids bigint[] NOT NULL,
  slots timestamptz[] NOT NULL -- slots[i] is the slot of target_ids[i]
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX lease_batches_expires_at ON website_monitor.lease_batches (expires_at);

-- ── What came of it ──────────────────────────────────────────────────────────────────────────────

-- One row per check. The key, not a lock, decides who recorded a slot. Columns stand in the order
-- that wastes no padding; no foreign key, so that history outlives its target and a target deleted
-- during its check does no harm.
CREATE TABLE website_monitor.check_results (
  target_id bigint NOT NULL,
  scheduled_at timestamptz NOT NULL,
  started_at timestamptz NOT NULL, -- the database's clock
  outcome website_monitor.check_outcome NOT NULL,
  target_version integer NOT NULL, -- of the configuration it was checked with
  total_us integer NOT NULL,
  dns_us integer, -- null: the phase did not happen
  connect_us integer,
  tls_us integer,
  ttfb_us integer,
  transfer_us integer,
  cause website_monitor.check_cause,
  http_status smallint,
  regex_match boolean, -- null: no pattern, or no body to search
  body_cut boolean NOT NULL, -- only the beginning of the body was read and judged
  PRIMARY KEY (target_id, scheduled_at),
  CONSTRAINT "cause is null when up and only then" CHECK ((cause IS NULL) = (outcome = 'up'))
) PARTITION BY RANGE (scheduled_at);

-- Takes what no day's partition takes, so that a late or early slot is never refused.
CREATE TABLE website_monitor.check_results_default PARTITION OF website_monitor.check_results DEFAULT;

-- One row for each check that is not up, written with it. No foreign key: it survives its target.
CREATE TABLE website_monitor.failure_log (
  target_id bigint NOT NULL,
  scheduled_at timestamptz NOT NULL,
  cause website_monitor.check_cause NOT NULL,
  detail text NOT NULL,
  http_status smallint,
  worker text NOT NULL,
  target_snapshot jsonb NOT NULL, -- what was checked, values of headers left out
  PRIMARY KEY (target_id, scheduled_at)
);

CREATE INDEX failure_log_scheduled_at ON website_monitor.failure_log (scheduled_at);

-- Slots that fell due and that nobody ran: unknown, never up.
CREATE TABLE website_monitor.check_gaps (
  target_id bigint NOT NULL,
  first_slot timestamptz NOT NULL,
  last_slot timestamptz NOT NULL,
  slots bigint NOT NULL,
  noticed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (target_id, first_slot),
  CONSTRAINT "a gap covers at least one slot" CHECK (slots >= 1 AND last_slot >= first_slot)
);

-- Makes the daily partitions (UTC) of check_results from yesterday to `days_ahead` days from now.
-- Rows of a day that have already gone to the default partition are moved.
CREATE FUNCTION website_monitor.ensure_partitions(days_ahead integer) RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER -- a worker's role need not own the schema
  SET search_path = ''
  SET lock_timeout = '2 s' -- a long read of the results must not queue everyone else behind the attach
AS $$
DECLARE
  day date;
  today date := (now() AT TIME ZONE 'UTC')::date;
  partition text;
  lower_bound timestamptz;
  upper_bound timestamptz;
BEGIN
  -- One worker at a time makes partitions; the others need not wait for it.
  IF NOT pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtext('website_monitor.ensure_partitions')) THEN
    RETURN;
  END IF;
  FOR day IN SELECT today + offset_days FROM generate_series(-1, least(days_ahead, 60)) AS offset_days LOOP
    partition := 'check_results_' || to_char(day, 'YYYYMMDD');
    CONTINUE WHEN to_regclass('website_monitor.' || partition) IS NOT NULL;
    lower_bound := day::timestamp AT TIME ZONE 'UTC';
    upper_bound := (day + 1)::timestamp AT TIME ZONE 'UTC';
    EXECUTE format('CREATE TABLE website_monitor.%I (LIKE website_monitor.check_results INCLUDING ALL)', partition);
    EXECUTE format(
      'WITH moved AS (
         DELETE FROM website_monitor.check_results_default
         WHERE scheduled_at >= %L AND scheduled_at < %L RETURNING *)
       INSERT INTO website_monitor.%I SELECT * FROM moved', lower_bound, upper_bound, partition);
    EXECUTE format(
      'ALTER TABLE website_monitor.check_results ATTACH PARTITION website_monitor.%I FOR VALUES FROM (%L) TO (%L)',
      partition, lower_bound, upper_bound);
  END LOOP;
END
$$;

-- ── Triggers: the schedule follows the targets ───────────────────────────────────────────────────
-- Set-based: a statement that touches 100,000 targets costs one pass and one notification. They run
-- with the owner's rights, so that whoever may insert a target needs no other grant.

-- Slots that were due but not leased when the schedule of their target ends or starts anew.
CREATE FUNCTION website_monitor.record_gaps_before(upper_bound timestamptz, target_ids bigint[]) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = ''
BEGIN ATOMIC
  WITH overdue AS (
    SELECT monitored_target_id, next_fire_at, check_interval, grid_origin,
      website_monitor.last_slot_before(upper_bound, next_fire_at, check_interval, grid_origin) AS last_slot
    FROM website_monitor.target_leases
    WHERE monitored_target_id = ANY (target_ids) AND next_fire_at < upper_bound
  )
  INSERT INTO website_monitor.check_gaps (target_id, first_slot, last_slot, slots)
  SELECT monitored_target_id, next_fire_at, last_slot,
    website_monitor.count_slots(next_fire_at, last_slot, check_interval, grid_origin)
  FROM overdue
  ON CONFLICT DO NOTHING;
END;

-- Ends the schedule of the targets named.
CREATE FUNCTION website_monitor.stop_schedules(target_ids bigint[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  -- The lock first: a lease under way may be moving next_fire_at, and what it leased is no gap.
  PERFORM FROM website_monitor.target_leases WHERE monitored_target_id = ANY (target_ids) FOR UPDATE;
  PERFORM website_monitor.record_gaps_before(clock_timestamp(), target_ids);
  DELETE FROM website_monitor.target_leases WHERE monitored_target_id = ANY (target_ids);
END
$$;

-- Starts, or starts anew, the schedule of the targets named: the first 200 of a transaction are due at
-- once, the others at their next grid point, which spreads them over one interval. Wakes the workers.
CREATE FUNCTION website_monitor.start_schedules(target_ids bigint[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
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
      WHEN cardinality(target_ids) > 50 AND grid_point < moment + least(interval '1 s', check_interval / 2)
        THEN grid_point
      ELSE moment
    END,
    check_interval, origin
  FROM (
    SELECT id, rank, check_interval, origin,
      date_bin(check_interval, moment, origin) + check_interval AS grid_point
    FROM (
      SELECT id, rank, check_interval, website_monitor.grid_origin(id, check_interval) AS origin
      FROM (
        SELECT id, row_number() OVER (ORDER BY id) AS rank,
          -- In seconds: to add a day follows the session's time zone, and the grid knows no summer time.
          extract(epoch FROM check_interval) * interval '1 s' AS check_interval
        FROM website_monitor.monitored_targets
        WHERE id = ANY (target_ids)
      ) AS target
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

CREATE FUNCTION website_monitor.after_target_insert() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  PERFORM website_monitor.start_schedules(ARRAY(SELECT id FROM inserted WHERE enabled));
  RETURN NULL;
END
$$;

-- An edit that matters raised the version (see before_target_update).
CREATE FUNCTION website_monitor.after_target_update() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  PERFORM website_monitor.stop_schedules(ARRAY(
    SELECT id FROM edited JOIN original USING (id) WHERE original.enabled AND NOT edited.enabled));
  PERFORM website_monitor.start_schedules(ARRAY(
    SELECT id FROM edited JOIN original USING (id) WHERE edited.enabled AND edited.version <> original.version));
  RETURN NULL;
END
$$;

CREATE FUNCTION website_monitor.after_target_delete() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  PERFORM website_monitor.stop_schedules(ARRAY(SELECT id FROM deleted WHERE enabled));
  RETURN NULL;
END
$$;

CREATE FUNCTION website_monitor.before_target_truncate() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  PERFORM website_monitor.stop_schedules(ARRAY(SELECT monitored_target_id FROM website_monitor.target_leases));
  RETURN NULL;
END
$$;

-- The version is the database's to count: what an UPDATE says of it is ignored.
CREATE FUNCTION website_monitor.before_target_update() RETURNS trigger
  LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  NEW.updated_at := statement_timestamp();
  NEW.version := OLD.version + CASE
    WHEN (NEW.url, NEW.method, NEW.check_interval, NEW.default_headers, NEW.regex_pattern, NEW.timeout, NEW.enabled)
      IS DISTINCT FROM
      (OLD.url, OLD.method, OLD.check_interval, OLD.default_headers, OLD.regex_pattern, OLD.timeout, OLD.enabled)
    THEN 1 ELSE 0 END;
  RETURN NEW;
END
$$;

-- For the triggers alone: they run with the owner's rights.
REVOKE EXECUTE ON FUNCTION
  website_monitor.record_gaps_before, website_monitor.stop_schedules, website_monitor.start_schedules
FROM PUBLIC;

CREATE TRIGGER before_target_update BEFORE UPDATE ON website_monitor.monitored_targets
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION website_monitor.before_target_update();

CREATE TRIGGER after_target_insert AFTER INSERT ON website_monitor.monitored_targets
  REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION website_monitor.after_target_insert();

CREATE TRIGGER after_target_update AFTER UPDATE ON website_monitor.monitored_targets
  REFERENCING OLD TABLE AS original NEW TABLE AS edited
  FOR EACH STATEMENT EXECUTE FUNCTION website_monitor.after_target_update();

CREATE TRIGGER after_target_delete AFTER DELETE ON website_monitor.monitored_targets
  REFERENCING OLD TABLE AS deleted
  FOR EACH STATEMENT EXECUTE FUNCTION website_monitor.after_target_delete();

CREATE TRIGGER before_target_truncate BEFORE TRUNCATE ON website_monitor.monitored_targets
  FOR EACH STATEMENT EXECUTE FUNCTION website_monitor.before_target_truncate();

SELECT website_monitor.ensure_partitions(7);
