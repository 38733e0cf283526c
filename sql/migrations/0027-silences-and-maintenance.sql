-- Silences hold alerts back for a time. A silence that is announced is a maintenance: status pages show it, with the
-- uptime with and without it.

CREATE FUNCTION website_monitor.are_keys(keys text[]) RETURNS boolean
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN coalesce((SELECT bool_and(key IS NOT NULL AND key ~ '^[a-z0-9][a-z0-9._-]{0,99}$') FROM unnest(keys) AS key), true);

CREATE TABLE website_monitor.silences (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  announced boolean NOT NULL DEFAULT false,
  labels jsonb NOT NULL DEFAULT '{}',
  keys text[] NOT NULL DEFAULT '{}',
  everything boolean NOT NULL DEFAULT false,
  starts_at timestamptz NOT NULL DEFAULT now(),
  ends_at timestamptz,
  weekdays smallint[],
  month_days smallint[],
  start_time time,
  duration interval,
  time_zone text,
  ended_at timestamptz,
  created_by text NOT NULL DEFAULT session_user,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),

  CONSTRAINT "name must be a line of 1 to 200 characters"
    CHECK (name !~ '[[:cntrl:]]' AND length(name) BETWEEN 1 AND 200),
  CONSTRAINT "labels must be an object of strings"
    CHECK (labels = '{}' OR website_monitor.headers_are_strings(labels)),
  CONSTRAINT "labels must be at most 32, each of at most 200 characters"
    CHECK (labels = '{}' OR jsonb_typeof(labels) <> 'object' OR website_monitor.labels_are_few_and_short(labels)),
  CONSTRAINT "labels must have names of letters, digits and _"
    CHECK (labels = '{}' OR jsonb_typeof(labels) <> 'object' OR website_monitor.label_names_are_plain(labels)),
  CONSTRAINT "keys must be at most 1000 keys of targets"
    CHECK (cardinality(keys) <= 1000 AND website_monitor.are_keys(keys)),
  CONSTRAINT "a silence needs labels or keys, or everything without them"
    CHECK (everything = (labels = '{}' AND cardinality(keys) = 0)),
  CONSTRAINT "a silence must lie between the years 2000 and 3000"
    CHECK (starts_at BETWEEN '2000-01-01 00:00Z' AND '3000-01-01 00:00Z'
      AND ends_at BETWEEN '2000-01-01 00:00Z' AND '3000-01-01 00:00Z'
      AND ended_at BETWEEN '2000-01-01 00:00Z' AND '3000-01-01 00:00Z'),
  CONSTRAINT "ends_at must be after starts_at"
    CHECK (ends_at > starts_at),
  CONSTRAINT "weekdays must be from 1 (Monday) to 7 (Sunday)"
    CHECK (cardinality(weekdays) BETWEEN 1 AND 7 AND weekdays <@ '{1,2,3,4,5,6,7}'),
  CONSTRAINT "month_days must be from 1 to 31, or -1 for the last"
    CHECK (cardinality(month_days) BETWEEN 1 AND 32 AND month_days
      <@ '{-1,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31}'),
  CONSTRAINT "a silence recurs on weekdays or on month_days, not on both"
    CHECK (num_nonnulls(weekdays, month_days) <= 1),
  CONSTRAINT "start_time, duration and time_zone are for recurring ones"
    CHECK (num_nonnulls(start_time, duration, time_zone) = 3 * num_nonnulls(weekdays, month_days)),
  CONSTRAINT "start_time must be before 24:00"
    CHECK (start_time < '24:00'),
  CONSTRAINT "duration must not count in months, or be partly negative"
    CHECK (extract(year FROM duration) = 0 AND extract(month FROM duration) = 0
      AND date_trunc('day', duration) >= '0' AND duration - date_trunc('day', duration) >= '0'),
  CONSTRAINT "duration must be from 1 minute to 7 days"
    CHECK (duration BETWEEN '1 min' AND '7 d')
);

COMMENT ON COLUMN website_monitor.silences.name IS 'what people call it';
COMMENT ON COLUMN website_monitor.silences.announced IS 'true: a maintenance, which status pages show; default false';
COMMENT ON COLUMN website_monitor.silences.labels IS 'covers targets that have all of these labels; {} covers none';
COMMENT ON COLUMN website_monitor.silences.keys IS 'covers targets with these keys, too';
COMMENT ON COLUMN website_monitor.silences.everything IS 'true covers all targets; default false';
COMMENT ON COLUMN website_monitor.silences.starts_at IS 'when it starts, or when it may recur first; default now';
COMMENT ON COLUMN website_monitor.silences.ends_at IS 'when it ends, or when it stops recurring';
COMMENT ON COLUMN website_monitor.silences.weekdays IS 'recurs on these days of the week, 1 (Monday) to 7 (Sunday)';
COMMENT ON COLUMN website_monitor.silences.month_days IS 'recurs on these days of the month, 1 to 31; -1 is the last';
COMMENT ON COLUMN website_monitor.silences.start_time IS 'the time of these days at which it starts';
COMMENT ON COLUMN website_monitor.silences.duration IS 'how long it lasts each time, 1 minute to 7 days';
COMMENT ON COLUMN website_monitor.silences.time_zone IS 'the IANA name of the zone of days and start_time, as in Europe/Berlin';
COMMENT ON COLUMN website_monitor.silences.ended_at IS 'when somebody ended it for good';
COMMENT ON COLUMN website_monitor.silences.created_by IS 'the role that inserted it; written by the database';
COMMENT ON COLUMN website_monitor.silences.created_at IS 'when it was inserted; written by the database';
COMMENT ON COLUMN website_monitor.silences.updated_at IS 'when it was last edited; written by the database';

-- True if the silence is about a target with these labels and this key.
CREATE FUNCTION website_monitor.silence_covers(silence website_monitor.silences, labels jsonb, key text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN silence.everything
    OR (silence.labels <> '{}' AND labels @> silence.labels)
    OR (key = ANY (silence.keys)) IS TRUE;

-- ── When it is on ────────────────────────────────────────────────────────────────────────────────

CREATE FUNCTION website_monitor.moment_by_offset_before(local_time timestamp, time_zone text) RETURNS timestamptz
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN local_time AT TIME ZONE time_zone - interval '12 h' -- no zone changes its offset twice within 12 hours
    + (local_time - (local_time AT TIME ZONE time_zone - interval '12 h') AT TIME ZONE time_zone);

-- The moment of a local time, by the rules of RFC 5545: the first of two where clocks are set back; where they are set
-- forward, a time that is skipped counts by the offset before. AT TIME ZONE alone takes the second of two. An expression,
-- so that it is inlined.
CREATE FUNCTION website_monitor.moment_of(local_time timestamp, time_zone text) RETURNS timestamptz
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE
    WHEN website_monitor.moment_by_offset_before(local_time, time_zone) AT TIME ZONE time_zone = local_time
      THEN website_monitor.moment_by_offset_before(local_time, time_zone)
    ELSE local_time AT TIME ZONE time_zone END;

-- The times at which the silence is on that overlap the period from `since` to before `until`, each in full. Recurring
-- ones are looked for in the first 400 days of the period. Days of `duration` are days of the calendar, its hours are
-- exact. A day that the zone skipped has none. `ends_at` is infinity for one that nobody has ended.
CREATE FUNCTION website_monitor.silence_occurrences(
  silence website_monitor.silences, since timestamptz, until timestamptz,
  OUT starts_at timestamptz, OUT ends_at timestamptz
) RETURNS SETOF record
  LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$ -- which keeps its plan
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT occurrence.starts_at, occurrence.ends_at
  FROM (
    SELECT least(greatest(since, silence.starts_at), timestamptz '3000-01-01 00:00Z') AS looked_from,
      coalesce(least(silence.ends_at, silence.ended_at), 'infinity') AS over_at
  ) AS valid
  CROSS JOIN LATERAL (
    SELECT silence.starts_at, valid.over_at AS ends_at
    WHERE silence.weekdays IS NULL AND silence.month_days IS NULL
    UNION ALL
    SELECT greatest(begins_at, silence.starts_at), least(
      website_monitor.moment_of(local_start + date_trunc('day', silence.duration), silence.time_zone)
        + (silence.duration - date_trunc('day', silence.duration)), valid.over_at)
    FROM (
      SELECT day + silence.start_time AS local_start,
        website_monitor.moment_of(day + silence.start_time, silence.time_zone) AS begins_at
      FROM generate_series(
        date_trunc('day', valid.looked_from AT TIME ZONE silence.time_zone - silence.duration) - interval '2 d',
        least(until, valid.over_at, valid.looked_from + interval '9600 h') AT TIME ZONE silence.time_zone,
        interval '1 d') AS day
      WHERE extract(isodow FROM day)::smallint = ANY (silence.weekdays)
        OR extract(day FROM day)::smallint = ANY (silence.month_days)
        OR -1 = ANY (silence.month_days) AND extract(day FROM day + interval '1 d') = 1
      OFFSET 0 -- each moment once: flattened, it would be worked out wherever it is used
    ) AS recurring
    WHERE begins_at AT TIME ZONE silence.time_zone < local_start + interval '24 h'
    OFFSET 0
  ) AS occurrence
  WHERE occurrence.starts_at < occurrence.ends_at AND occurrence.starts_at < until AND occurrence.ends_at > since
  ORDER BY occurrence.starts_at;
END
$$;

-- Until when the silence lasts that is on at `moment`; null if it is not on. Infinity if somebody has to end it. Another
-- of its times may begin at once.
CREATE FUNCTION website_monitor.silenced_until(silence website_monitor.silences, moment timestamptz) RETURNS timestamptz
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT max(ends_at) FROM website_monitor.silence_occurrences(silence, moment, moment + interval '1 us');
END;

-- The first time after `moment` at which the silence starts; no row if it does not start again.
CREATE FUNCTION website_monitor.next_silence(
  silence website_monitor.silences, moment timestamptz, OUT starts_at timestamptz, OUT ends_at timestamptz
) RETURNS SETOF record
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  -- Every month but February has a day 30, and every second one a day 31.
  SELECT starts_at, ends_at FROM website_monitor.silence_occurrences(silence, moment,
    greatest(moment, silence.starts_at) + interval '2400 h')
  WHERE starts_at > moment ORDER BY starts_at LIMIT 1;
END;

-- ── Slots in maintenance ─────────────────────────────────────────────────────────────────────────

-- Maintenance as it was: one row per time that has ended, or until an edit. Edits change only what comes after them.
CREATE TABLE website_monitor.maintenance_occurrences (
  silence_id bigint NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  name text NOT NULL,
  labels jsonb NOT NULL,
  keys text[] NOT NULL,
  everything boolean NOT NULL,
  counted_at timestamptz,
  PRIMARY KEY (silence_id, starts_at)
);

CREATE INDEX maintenance_occurrences_ends_at ON website_monitor.maintenance_occurrences (ends_at);
CREATE INDEX maintenance_occurrences_uncounted ON website_monitor.maintenance_occurrences (ends_at) WHERE counted_at IS NULL;

-- A slot in several maintenances counts once.
CREATE TABLE website_monitor.maintenance_days (
  target_id bigint NOT NULL,
  day date NOT NULL,
  up integer NOT NULL,
  down integer NOT NULL,
  unknown integer NOT NULL,
  gap_slots integer NOT NULL,
  PRIMARY KEY (target_id, day)
);

-- Notes what of a maintenance is over at `until`: the times that have ended, and if `with_current`, that which is on.
-- Starts where it was last noted or edited; looks back 400 days at most.
CREATE FUNCTION website_monitor.note_maintenance(
  silence website_monitor.silences, until timestamptz, with_current boolean
) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  INSERT INTO website_monitor.maintenance_occurrences (silence_id, starts_at, ends_at, name, labels, keys, everything)
  SELECT silence.id, lower(stretch), upper(stretch), silence.name, silence.labels, silence.keys, silence.everything
  FROM (
    SELECT greatest(silence.starts_at, until - interval '9600 h',
      CASE WHEN silence.updated_at > silence.created_at THEN silence.updated_at END,
      (SELECT ends_at FROM website_monitor.maintenance_occurrences
       WHERE silence_id = silence.id ORDER BY starts_at DESC LIMIT 1)) AS since
  ) AS noted
  CROSS JOIN LATERAL (
    SELECT range_agg(tstzrange(greatest(starts_at, noted.since), least(ends_at, until))) AS stretches
    FROM website_monitor.silence_occurrences(silence, noted.since, until)
    WHERE ends_at <= until OR with_current
  ) AS over
  CROSS JOIN LATERAL unnest(over.stretches) AS stretch
  WHERE silence.announced
  ON CONFLICT DO NOTHING;
END;

-- Adds the slots of a maintenance to maintenance_days: of the targets that it covers now, without what an earlier one
-- has counted.
CREATE FUNCTION website_monitor.count_occurrence(ended website_monitor.maintenance_occurrences) RETURNS void
  LANGUAGE sql SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  WITH counted_before AS MATERIALIZED (
    SELECT tstzrange(starts_at, ends_at) AS period, labels, keys, everything
    FROM website_monitor.maintenance_occurrences
    WHERE counted_at IS NOT NULL AND ends_at > ended.starts_at AND starts_at < ended.ends_at
  ),
  covered AS (
    SELECT target.id, tstzmultirange(tstzrange(ended.starts_at, ended.ends_at)) - coalesce((
      SELECT range_agg(period) FROM counted_before AS other
      WHERE other.everything OR (other.labels <> '{}' AND target.labels @> other.labels) OR target.key = ANY (other.keys)
    ), '{}') AS periods
    FROM website_monitor.monitored_targets AS target
    WHERE ended.everything OR (ended.labels <> '{}' AND target.labels @> ended.labels) OR target.key = ANY (ended.keys)
  ),
  alike AS MATERIALIZED (
    SELECT periods, array_agg(id) AS target_ids FROM covered GROUP BY periods
  )
  INSERT INTO website_monitor.maintenance_days AS known (target_id, day, up, down, unknown, gap_slots)
  SELECT target_id, (day AT TIME ZONE 'UTC')::date, sum(up), sum(down), sum(unknown), sum(gap_slots)
  FROM alike CROSS JOIN LATERAL unnest(periods) AS period
  CROSS JOIN LATERAL generate_series(
    website_monitor.bucket_of('day', lower(period)), upper(period) - interval '1 us', interval '24 h') AS day
  CROSS JOIN LATERAL website_monitor.uptime(
    greatest(day, lower(period)), least(day + interval '24 h', upper(period)), target_ids)
  GROUP BY 1, 2
  ORDER BY 1, 2
  ON CONFLICT (target_id, day) DO UPDATE SET
    up = known.up + excluded.up, down = known.down + excluded.down,
    unknown = known.unknown + excluded.unknown, gap_slots = known.gap_slots + excluded.gap_slots;
END;

-- True once every slot before `until` is recorded, as a check or in a gap, and rolled up if it was late.
CREATE FUNCTION website_monitor.is_recorded_until(until timestamptz) RETURNS boolean
  LANGUAGE sql STABLE
  RETURN coalesce(website_monitor.next_slot_after('-infinity') >= until, true)
    AND NOT EXISTS (SELECT FROM website_monitor.lease_batches WHERE until > ANY (slots))
    AND NOT EXISTS (SELECT FROM website_monitor.rollup_dirty WHERE first_slot < until);

-- Counts the slots of one maintenance that has ended, once they are all recorded, or after 12 hours. Any worker may call
-- it at any time; one at a time does the work.
--
-- Returns whether there may be more to do.
CREATE FUNCTION website_monitor.count_maintenance() RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2 s' SET jit = off AS $$
DECLARE
  ended website_monitor.maintenance_occurrences;
BEGIN
  -- The row of roll_up, which must not rewrite meanwhile what is added up here.
  IF NOT EXISTS (SELECT FROM website_monitor.rollup_progress WHERE size = 'check' FOR UPDATE SKIP LOCKED) THEN
    RETURN false;
  END IF;
  PERFORM website_monitor.note_maintenance(silence, now(), false)
  FROM website_monitor.silences AS silence
  WHERE announced AND coalesce(least(ends_at, ended_at), 'infinity') > now() - interval '9600 h';
  SELECT * INTO ended FROM website_monitor.maintenance_occurrences
  WHERE counted_at IS NULL AND (website_monitor.is_recorded_until(ends_at) OR ends_at < now() - interval '12 h')
  ORDER BY ends_at, silence_id LIMIT 1;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM website_monitor.count_occurrence(ended);
  UPDATE website_monitor.maintenance_occurrences SET counted_at = now()
  WHERE silence_id = ended.silence_id AND starts_at = ended.starts_at;
  RETURN true;
END
$$;

-- ── Triggers ─────────────────────────────────────────────────────────────────────────────────────

-- With the owner's rights, since it notes what was. What a statement says about columns that are the database's to write
-- is ignored.
CREATE FUNCTION website_monitor.before_silence_change() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  moment timestamptz := clock_timestamp();
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM website_monitor.note_maintenance(OLD, moment, true);
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  NEW.created_by := CASE TG_OP WHEN 'INSERT' THEN session_user ELSE OLD.created_by END;
  NEW.created_at := CASE TG_OP WHEN 'INSERT' THEN moment ELSE OLD.created_at END;
  NEW.updated_at := moment;
  IF NEW.time_zone IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.time_zone IS DISTINCT FROM OLD.time_zone) THEN
    -- PostgreSQL takes abbreviations and offsets, too, which know no daylight saving time: CET is one of both.
    SELECT name INTO NEW.time_zone FROM pg_timezone_names
    WHERE lower(name) = lower(NEW.time_zone) AND (name ~ '^[A-Z].*/' OR name = 'UTC') LIMIT 1;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'there is no such time zone'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'time_zone must be an IANA name, as in Europe/Berlin';
    END IF;
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER before_silence_insert_or_delete BEFORE INSERT OR DELETE ON website_monitor.silences
  FOR EACH ROW EXECUTE FUNCTION website_monitor.before_silence_change();
CREATE TRIGGER before_silence_update BEFORE UPDATE ON website_monitor.silences
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION website_monitor.before_silence_change();

-- A constant payload, so that PostgreSQL folds repeats within one transaction into one.
CREATE FUNCTION website_monitor.notify_alerts() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_notify('website_monitor', 'alerts');
  RETURN NULL;
END
$$;

CREATE TRIGGER after_silence_insert_or_delete AFTER INSERT OR DELETE ON website_monitor.silences
  FOR EACH ROW EXECUTE FUNCTION website_monitor.notify_alerts();
CREATE TRIGGER after_silence_update AFTER UPDATE ON website_monitor.silences
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION website_monitor.notify_alerts();
CREATE TRIGGER after_silence_truncate AFTER TRUNCATE ON website_monitor.silences
  FOR EACH STATEMENT EXECUTE FUNCTION website_monitor.notify_alerts();

-- ── Checks on request ────────────────────────────────────────────────────────────────────────────

-- Makes targets due at once, off the grid: their next slots stay where they are. Leaves alone a target that is due
-- within a second, had a slot less than a second ago, or is being checked. At most 10,000 ids.
--
-- Returns how many targets became due.
CREATE FUNCTION website_monitor.check_now(ids bigint[]) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  locked bigint[];
  moment timestamptz;
  asked integer;
BEGIN
  IF cardinality(ids) > 10000 THEN
    RAISE EXCEPTION 'check_now takes at most 10000 ids, not %', cardinality(ids) USING ERRCODE = 'program_limit_exceeded';
  END IF;
  -- Not those that a worker is leasing or somebody is editing at this moment.
  locked := ARRAY(SELECT monitored_target_id FROM website_monitor.target_leases
    WHERE monitored_target_id = ANY (ids) FOR NO KEY UPDATE SKIP LOCKED);
  -- Under the locks, and read by a statement of its own: no lease moves these rows meanwhile.
  moment := clock_timestamp();
  UPDATE website_monitor.target_leases AS lease SET next_fire_at = moment
  WHERE monitored_target_id = ANY (locked)
    AND next_fire_at > moment + interval '1 s'
    -- The grid point before the next slot has been leased. If it is not over, a slot before it would repeat it.
    AND date_bin(check_interval, next_fire_at - interval '1 us', grid_origin) < moment
    AND monitored_target_id NOT IN (SELECT unnest(target_ids) FROM website_monitor.lease_batches)
    AND NOT EXISTS (SELECT FROM website_monitor.check_results
      WHERE target_id = lease.monitored_target_id AND scheduled_at > moment - interval '1 s')
    AND NOT EXISTS (SELECT FROM website_monitor.check_gaps
      WHERE target_id = lease.monitored_target_id AND first_slot > moment - interval '1 s');
  GET DIAGNOSTICS asked = ROW_COUNT;
  IF asked > 0 THEN
    PERFORM pg_notify('website_monitor', '');
  END IF;
  RETURN asked;
END
$$;

-- For those alone whom sql/roles.sql lets: workers and editors, or the triggers.
REVOKE EXECUTE ON FUNCTION
  website_monitor.note_maintenance, website_monitor.count_occurrence, website_monitor.count_maintenance,
  website_monitor.check_now
FROM PUBLIC;

-- As in 0019: these functions mean the same in every session.
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
