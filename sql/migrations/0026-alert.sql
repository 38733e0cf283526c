-- Alerts: what people are sent about incidents and other conditions. Facts (incidents, conditions) raise events; any
-- worker turns events into alerts, alerts into deliveries, and deliveries into messages.

-- ── Channels ─────────────────────────────────────────────────────────────────────────────────────

-- The kind that a channel's url stands for: its scheme, or the vendor whose address it is.
CREATE FUNCTION website_monitor.channel_kind(url text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN CASE
    WHEN url ~* '^https?://hooks\.slack\.com/' THEN 'slack'
    WHEN url ~* '^https?://([a-z]+\.)?discord(app)?\.com/api/webhooks/' THEN 'discord'
    WHEN url ~* '^https?://[^/?#]+\.(webhook\.office\.com|logic\.azure\.com|api\.powerplatform\.com)(:\d+)?/' THEN 'teams'
    WHEN url ~* '^https?:' THEN 'webhook'
    WHEN url ~* '^mailto:' THEN 'email'
    ELSE lower(substring(url FROM '^([A-Za-z]+)(?:\+[Hh][Tt][Tt][Pp][Ss]?)?:'))
  END;

CREATE TABLE website_monitor.channels (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  url text NOT NULL,
  kind text GENERATED ALWAYS AS (website_monitor.channel_kind(url)) STORED,
  secrets text[] NOT NULL DEFAULT '{}',
  labels jsonb NOT NULL DEFAULT '{}',
  delay interval NOT NULL DEFAULT '0',
  reminder interval,
  sends_resolved boolean NOT NULL DEFAULT true,
  time_zone text NOT NULL DEFAULT 'UTC',
  enabled boolean NOT NULL DEFAULT true,
  problem text,
  managed_by text,
  created_by text NOT NULL DEFAULT session_user,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),

  CONSTRAINT "name must be up to 100 of a-z, 0-9, . _ and -"
    CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,99}$'),
  CONSTRAINT "url must begin with https: or mailto:, or with a kind as in slack:"
    CHECK (kind IS NOT NULL AND kind IN (
      'webhook', 'email', 'slack', 'discord', 'telegram', 'teams', 'ntfy', 'pagerduty', 'alertmanager', 'apprise')),
  CONSTRAINT "url must be at most 2048 characters long, without spaces"
    CHECK (length(url) <= 2048 AND url !~ '[[:space:][:cntrl:]]'),
  CONSTRAINT "secrets must be at most 3"
    CHECK (cardinality(secrets) <= 3 AND array_position(secrets, NULL) IS NULL),
  CONSTRAINT "secrets must be at most 1000 characters long"
    CHECK (length(array_to_string(secrets, '')) <= 3000),
  CONSTRAINT "labels must be an object of strings"
    CHECK (labels = '{}' OR website_monitor.headers_are_strings(labels)),
  CONSTRAINT "labels must be at most 32, each of at most 200 characters"
    CHECK (labels = '{}' OR jsonb_typeof(labels) <> 'object' OR website_monitor.labels_are_few_and_short(labels)),
  CONSTRAINT "labels must have names of letters, digits and _"
    CHECK (labels = '{}' OR jsonb_typeof(labels) <> 'object' OR website_monitor.label_names_are_plain(labels)),
  CONSTRAINT "delay must be from 0 to 7 days"
    CHECK (delay BETWEEN interval '0' AND interval '7 d'),
  CONSTRAINT "reminder must be from 1 minute to 30 days"
    CHECK (reminder BETWEEN interval '1 min' AND interval '30 d'),
  CONSTRAINT "managed_by must be a line of 1 to 200 characters"
    CHECK (managed_by !~ '[[:cntrl:]]' AND length(managed_by) BETWEEN 1 AND 200)
);
CREATE UNIQUE INDEX "name must be unlike every other channel's" ON website_monitor.channels (name);

COMMENT ON COLUMN website_monitor.channels.id IS 'the number that other tables refer to';
COMMENT ON COLUMN website_monitor.channels.name IS 'what people call it, unique, as in ops-slack';
COMMENT ON COLUMN website_monitor.channels.url IS
  'where alerts go; its scheme or host says the kind. Often a secret: it may be or contain a reference to one';
COMMENT ON COLUMN website_monitor.channels.kind IS 'webhook, email, slack and so on; follows from the url; null = never';
COMMENT ON COLUMN website_monitor.channels.secrets IS
  'keys that sign webhooks, the newest first, or a token; references are better';
COMMENT ON COLUMN website_monitor.channels.labels IS
  'an object of strings: the channel gets alerts of targets that have all of these; {} = of all targets';
COMMENT ON COLUMN website_monitor.channels.delay IS 'how long an alert is open and unacknowledged before it goes here';
COMMENT ON COLUMN website_monitor.channels.reminder IS
  'from one reminder of an open, unacknowledged alert to the next; null = none';
COMMENT ON COLUMN website_monitor.channels.sends_resolved IS 'false sends nothing when an alert is over';
COMMENT ON COLUMN website_monitor.channels.time_zone IS 'IANA time zone in which messages show times';
COMMENT ON COLUMN website_monitor.channels.enabled IS 'false keeps what is to be sent, for up to a day';
COMMENT ON COLUMN website_monitor.channels.problem IS
  'why the service has disabled it; cleared when it is edited; null = it has not';
COMMENT ON COLUMN website_monitor.channels.managed_by IS 'the config file that owns it; null = not managed';
COMMENT ON COLUMN website_monitor.channels.created_by IS 'the role that inserted it; written by the database';
COMMENT ON COLUMN website_monitor.channels.created_at IS 'when it was inserted';
COMMENT ON COLUMN website_monitor.channels.updated_at IS 'when it was last edited; written by the database';

-- What workers know of sending to a channel. One worker at a time sends to it.
CREATE TABLE website_monitor.channel_queues (
  channel_id bigint PRIMARY KEY,
  worker text,
  epoch integer NOT NULL DEFAULT 0,
  leased_until timestamptz NOT NULL DEFAULT '-infinity',
  not_before timestamptz NOT NULL DEFAULT '-infinity',
  sent_at timestamptz,
  failures integer NOT NULL DEFAULT 0,
  failing_since timestamptz,
  problem text
) WITH (fillfactor = 50);

COMMENT ON COLUMN website_monitor.channel_queues.channel_id IS 'the channel';
COMMENT ON COLUMN website_monitor.channel_queues.worker IS 'who sends, or sent last; null = nobody has';
COMMENT ON COLUMN website_monitor.channel_queues.epoch IS 'how often it was leased; who has an older one has lost the lease';
COMMENT ON COLUMN website_monitor.channel_queues.leased_until IS 'nobody else sends before';
COMMENT ON COLUMN website_monitor.channel_queues.not_before IS 'the next message goes out no sooner: after a failure, or to keep the interval';
COMMENT ON COLUMN website_monitor.channel_queues.sent_at IS 'when the receiver last accepted a message; null = never';
COMMENT ON COLUMN website_monitor.channel_queues.failures IS 'attempts that failed in a row';
COMMENT ON COLUMN website_monitor.channel_queues.failing_since IS 'the first of them; null = the last attempt did not fail';
COMMENT ON COLUMN website_monitor.channel_queues.problem IS 'of the last failure; null = there was none';

-- ── Conditions ───────────────────────────────────────────────────────────────────────────────────

CREATE TYPE website_monitor.alert_kind AS ENUM ('down', 'slow', 'certificate', 'pattern', 'unknown', 'channel');

-- Facts other than incidents that are worth an alert. Not in incidents, which lease.sql reads.
CREATE TABLE website_monitor.conditions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind website_monitor.alert_kind NOT NULL,
  target_id bigint,
  subject text NOT NULL DEFAULT '',
  cause text NOT NULL,
  detail text,
  level smallint NOT NULL DEFAULT 0,
  since timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  CONSTRAINT "down is an incident, not a condition" CHECK (kind <> 'down')
);
CREATE UNIQUE INDEX conditions_open ON website_monitor.conditions (kind, coalesce(target_id, 0), subject) WHERE ended_at IS NULL;

COMMENT ON COLUMN website_monitor.conditions.id IS 'its number';
COMMENT ON COLUMN website_monitor.conditions.kind IS 'slow, certificate, pattern, unknown or channel';
COMMENT ON COLUMN website_monitor.conditions.target_id IS 'the target; null = a trouble of our own';
COMMENT ON COLUMN website_monitor.conditions.subject IS 'what tells several of a kind apart: a host, a channel''s name';
COMMENT ON COLUMN website_monitor.conditions.cause IS 'why, in one word';
COMMENT ON COLUMN website_monitor.conditions.detail IS 'for people; null = nothing to add';
COMMENT ON COLUMN website_monitor.conditions.level IS 'a higher one than before is told again, as when a certificate comes nearer to its end';
COMMENT ON COLUMN website_monitor.conditions.since IS 'when it began';
COMMENT ON COLUMN website_monitor.conditions.ended_at IS 'when it was over; null = it lasts';

-- ── Alerts ───────────────────────────────────────────────────────────────────────────────────────

-- Subjects of alerts to look at. Emptied at once; nothing refers to it.
CREATE TABLE website_monitor.alert_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  target_id bigint,
  condition_id bigint,
  started_at timestamptz NOT NULL,
  is_start boolean NOT NULL,
  noticed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);


CREATE TYPE website_monitor.alert_state AS ENUM ('pending', 'held', 'open', 'recovering', 'closed');

CREATE TABLE website_monitor.alerts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind website_monitor.alert_kind NOT NULL,
  target_id bigint,
  condition_id bigint,
  state website_monitor.alert_state NOT NULL DEFAULT 'pending',
  due_at timestamptz DEFAULT now(),
  started_at timestamptz NOT NULL,
  incident_at timestamptz NOT NULL,
  incidents integer NOT NULL DEFAULT 1,
  noticed_at timestamptz NOT NULL,
  cause text NOT NULL,
  detail text,
  level smallint NOT NULL DEFAULT 0,
  name text,
  key text,
  url text,
  labels jsonb NOT NULL DEFAULT '{}',
  subject text,
  worker text,
  held_by text,
  rechecked_at timestamptz,
  opened_at timestamptz,
  ended_at timestamptz,
  closed_at timestamptz,
  ending text,
  acknowledged_at timestamptz,
  acknowledged_by text,
  may_be_our_network boolean NOT NULL DEFAULT false,
  channels jsonb NOT NULL DEFAULT '[]'
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX alerts_open_of_target ON website_monitor.alerts (target_id) WHERE state <> 'closed' AND kind = 'down';
CREATE UNIQUE INDEX alerts_open_of_condition ON website_monitor.alerts (condition_id) WHERE state <> 'closed' AND kind <> 'down';
CREATE INDEX alerts_due ON website_monitor.alerts (due_at) WHERE state <> 'closed';
CREATE INDEX alerts_closed ON website_monitor.alerts (closed_at) WHERE state = 'closed';

COMMENT ON COLUMN website_monitor.alerts.id IS 'the number by which people and receivers know it';
COMMENT ON COLUMN website_monitor.alerts.kind IS 'down, or the kind of its condition';
COMMENT ON COLUMN website_monitor.alerts.target_id IS 'the target; null = a trouble of our own';
COMMENT ON COLUMN website_monitor.alerts.condition_id IS 'its condition; null = it is about incidents';
COMMENT ON COLUMN website_monitor.alerts.state IS
  'pending: its incident may be too short to tell; held: see held_by; open: told; recovering: the incident is over, but only just; closed';
COMMENT ON COLUMN website_monitor.alerts.due_at IS 'when to look at it again; null = when an event says so';
COMMENT ON COLUMN website_monitor.alerts.started_at IS 'start of its first incident or of its condition';
COMMENT ON COLUMN website_monitor.alerts.incident_at IS 'start of its newest incident';
COMMENT ON COLUMN website_monitor.alerts.incidents IS 'number of incidents in a row';
COMMENT ON COLUMN website_monitor.alerts.noticed_at IS 'when its first incident was recorded';
COMMENT ON COLUMN website_monitor.alerts.cause IS 'of its first incident, or of its condition';
COMMENT ON COLUMN website_monitor.alerts.detail IS 'for people; null = nothing to add';
COMMENT ON COLUMN website_monitor.alerts.level IS 'of the condition, as it was last told';
COMMENT ON COLUMN website_monitor.alerts.name IS 'of the target when it began; null = the url is shown';
COMMENT ON COLUMN website_monitor.alerts.key IS 'of the target when it began; null = none';
COMMENT ON COLUMN website_monitor.alerts.url IS 'of the target when it began, without query and fragment; null = it has no target';
COMMENT ON COLUMN website_monitor.alerts.subject IS 'of its condition; null = it is about incidents';
COMMENT ON COLUMN website_monitor.alerts.labels IS 'of the target when it began';
COMMENT ON COLUMN website_monitor.alerts.worker IS 'the worker that found it; null = unknown';
COMMENT ON COLUMN website_monitor.alerts.held_by IS 'silence, parent or network; null = it is not held';
COMMENT ON COLUMN website_monitor.alerts.rechecked_at IS 'when it asked for a check before it opens; null = it has not';
COMMENT ON COLUMN website_monitor.alerts.opened_at IS 'when it was first told; null = it has not been, and may never be';
COMMENT ON COLUMN website_monitor.alerts.ended_at IS 'end of its newest incident; null = it lasts';
COMMENT ON COLUMN website_monitor.alerts.closed_at IS 'when it was over; null = it is not';
COMMENT ON COLUMN website_monitor.alerts.ending IS 'recovered, paused or deleted; null = not over';
COMMENT ON COLUMN website_monitor.alerts.acknowledged_at IS 'when somebody acknowledged it; null = nobody has';
COMMENT ON COLUMN website_monitor.alerts.acknowledged_by IS 'who did; null = nobody has';
COMMENT ON COLUMN website_monitor.alerts.may_be_our_network IS
  'one worker lost most of its targets at once, so that its own network may be at fault';
COMMENT ON COLUMN website_monitor.alerts.channels IS 'those chosen when it opened, each with what is to be sent there next';

-- One worker at a time turns events into alerts: who locks this row.
CREATE TABLE website_monitor.alerting_turn (
  only_row boolean PRIMARY KEY DEFAULT true,
  CONSTRAINT "there is one turn" CHECK (only_row)
);
INSERT INTO website_monitor.alerting_turn DEFAULT VALUES;

-- ── Deliveries ───────────────────────────────────────────────────────────────────────────────────

CREATE TYPE website_monitor.alert_news AS ENUM ('opened', 'reminder', 'acknowledged', 'resolved');
CREATE TYPE website_monitor.delivery_state AS ENUM ('waiting', 'sent', 'dead', 'dropped');

CREATE TABLE website_monitor.deliveries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  channel_id bigint NOT NULL,
  alert_id bigint NOT NULL,
  subject bigint NOT NULL,
  news website_monitor.alert_news NOT NULL,
  state website_monitor.delivery_state NOT NULL DEFAULT 'waiting',
  created_at timestamptz NOT NULL DEFAULT now(),
  message_id uuid,
  attempts smallint NOT NULL DEFAULT 0,
  may_have_arrived boolean NOT NULL DEFAULT false,
  finished_at timestamptz,
  problem text
) WITH (fillfactor = 70);
CREATE INDEX deliveries_waiting ON website_monitor.deliveries (channel_id, id) WHERE state = 'waiting';
CREATE INDEX deliveries_dead ON website_monitor.deliveries (channel_id, id) WHERE state = 'dead';
CREATE INDEX deliveries_alert ON website_monitor.deliveries (alert_id, channel_id);

COMMENT ON COLUMN website_monitor.deliveries.id IS 'in the order in which things happened';
COMMENT ON COLUMN website_monitor.deliveries.channel_id IS 'the channel';
COMMENT ON COLUMN website_monitor.deliveries.alert_id IS 'the alert';
COMMENT ON COLUMN website_monitor.deliveries.subject IS
  'the target, or the alert as a negative number; what concerns one subject is sent in order';
COMMENT ON COLUMN website_monitor.deliveries.news IS 'opened, reminder, acknowledged or resolved';
COMMENT ON COLUMN website_monitor.deliveries.state IS
  'waiting; sent: accepted by the receiver; dead: given up; dropped: nothing to say any more';
COMMENT ON COLUMN website_monitor.deliveries.created_at IS 'when it was made, or was asked to be sent again';
COMMENT ON COLUMN website_monitor.deliveries.message_id IS
  'the message it went into, with others of its channel; null = never sent, or surely not taken';
COMMENT ON COLUMN website_monitor.deliveries.attempts IS 'how often it was tried';
COMMENT ON COLUMN website_monitor.deliveries.may_have_arrived IS 'an attempt ended without an answer to tell';
COMMENT ON COLUMN website_monitor.deliveries.finished_at IS 'when it was sent, given up or dropped; null = it waits';
COMMENT ON COLUMN website_monitor.deliveries.problem IS 'of the last attempt that failed; null = none did';

-- ── Workers ──────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE website_monitor.workers (
  instance_id uuid PRIMARY KEY,
  name text NOT NULL,
  version text NOT NULL,
  started_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT now(),
  lag_ms integer NOT NULL,
  running integer NOT NULL,
  places integer NOT NULL,
  slow integer NOT NULL,
  slow_places integer NOT NULL,
  targets_known integer NOT NULL,
  targets_down integer NOT NULL
) WITH (fillfactor = 50);

COMMENT ON COLUMN website_monitor.workers.instance_id IS 'of this start of the worker';
COMMENT ON COLUMN website_monitor.workers.name IS 'its --worker-id';
COMMENT ON COLUMN website_monitor.workers.version IS 'of website-monitor';
COMMENT ON COLUMN website_monitor.workers.started_at IS 'when it started';
COMMENT ON COLUMN website_monitor.workers.seen_at IS 'its last heartbeat; four a minute';
COMMENT ON COLUMN website_monitor.workers.lag_ms IS 'how late its checks began at worst, in the last minute';
COMMENT ON COLUMN website_monitor.workers.running IS 'checks that it runs, without slow ones';
COMMENT ON COLUMN website_monitor.workers.places IS 'how many it may run';
COMMENT ON COLUMN website_monitor.workers.slow IS 'slow checks that it runs';
COMMENT ON COLUMN website_monitor.workers.slow_places IS 'how many of those it may run';
COMMENT ON COLUMN website_monitor.workers.targets_known IS 'targets that it judged in the last minute';
COMMENT ON COLUMN website_monitor.workers.targets_down IS 'those of them that were down';

-- ── Triggers ─────────────────────────────────────────────────────────────────────────────────────

-- For each row, and not for each statement: recording a batch without a transition must cost nothing. PostgreSQL folds
-- equal notifications of one transaction into one.
CREATE FUNCTION website_monitor.after_incident_change() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO website_monitor.alert_events (target_id, started_at, is_start)
  VALUES (NEW.target_id, NEW.started_at, TG_OP = 'INSERT');
  PERFORM pg_notify('website_monitor', 'alerts');
  RETURN NULL;
END
$$;
CREATE TRIGGER after_incident_start AFTER INSERT ON website_monitor.incidents
  FOR EACH ROW EXECUTE FUNCTION website_monitor.after_incident_change();
CREATE TRIGGER after_incident_end AFTER UPDATE OF ended_at ON website_monitor.incidents
  FOR EACH ROW WHEN (NEW.ended_at IS DISTINCT FROM OLD.ended_at)
  EXECUTE FUNCTION website_monitor.after_incident_change();

CREATE FUNCTION website_monitor.after_condition_change() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO website_monitor.alert_events (condition_id, target_id, started_at, is_start)
  VALUES (NEW.id, NEW.target_id, NEW.since, TG_OP = 'INSERT');
  PERFORM pg_notify('website_monitor', 'alerts');
  RETURN NULL;
END
$$;
CREATE TRIGGER after_condition_change AFTER INSERT OR UPDATE ON website_monitor.conditions
  FOR EACH ROW EXECUTE FUNCTION website_monitor.after_condition_change();

CREATE FUNCTION website_monitor.before_channel_change() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Listing the names reads a thousand files.
  IF NEW.time_zone <> 'UTC' AND (TG_OP = 'INSERT' OR NEW.time_zone <> OLD.time_zone)
    AND NOT EXISTS (SELECT FROM pg_timezone_names WHERE name = NEW.time_zone)
  THEN
    RAISE EXCEPTION 'there is no time zone %', NEW.time_zone
      USING ERRCODE = 'check_violation', CONSTRAINT = 'time_zone must be an IANA name, as in Europe/Berlin';
  END IF;
  IF TG_OP = 'INSERT' THEN
    NEW.created_by := session_user;
  ELSE
    NEW.created_by := OLD.created_by;
    IF NEW IS DISTINCT FROM OLD THEN
      NEW.updated_at := statement_timestamp();
      IF NEW.problem IS NOT DISTINCT FROM OLD.problem THEN
        NEW.problem := NULL;
      END IF;
    END IF;
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER before_channel_change BEFORE INSERT OR UPDATE ON website_monitor.channels
  FOR EACH ROW EXECUTE FUNCTION website_monitor.before_channel_change();

-- An edited channel is tried at once, whatever failed before. What was to go to a deleted one is dropped. What a disabled
-- one kept for more than a day is given up once it is enabled, and so is the end of alerts whose opening surely never arrived.
CREATE FUNCTION website_monitor.after_channel_change() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM website_monitor.channel_queues WHERE channel_id = OLD.id;
    UPDATE website_monitor.deliveries SET state = 'dropped', finished_at = now(), problem = 'the channel was removed'
    WHERE channel_id = OLD.id AND state = 'waiting';
    RETURN NULL;
  END IF;
  INSERT INTO website_monitor.channel_queues (channel_id) VALUES (NEW.id)
  ON CONFLICT (channel_id) DO UPDATE SET not_before = least(channel_queues.not_before, now()), failures = 0, failing_since = NULL;
  -- Not while a worker sends some of it.
  IF TG_OP = 'UPDATE' AND NEW.enabled AND NOT OLD.enabled AND EXISTS (
    SELECT FROM website_monitor.channel_queues WHERE channel_id = NEW.id AND leased_until <= now())
  THEN
    UPDATE website_monitor.deliveries
    SET state = 'dead', finished_at = now(), problem = 'the channel was disabled for more than a day',
      may_have_arrived = may_have_arrived OR message_id IS NOT NULL -- a worker may have been killed while it sent it
    WHERE channel_id = NEW.id AND state = 'waiting' AND created_at < now() - interval '1 d';
    UPDATE website_monitor.deliveries AS later SET state = 'dropped', finished_at = now()
    FROM website_monitor.deliveries AS opening
    WHERE later.channel_id = NEW.id AND later.state = 'waiting' AND later.news <> 'opened'
      AND opening.alert_id = later.alert_id AND opening.channel_id = NEW.id AND opening.news = 'opened'
      AND opening.state = 'dead' AND NOT opening.may_have_arrived;
  END IF;
  PERFORM pg_notify('website_monitor', 'alerts');
  RETURN NULL;
END
$$;
CREATE TRIGGER after_channel_change AFTER INSERT OR DELETE ON website_monitor.channels
  FOR EACH ROW EXECUTE FUNCTION website_monitor.after_channel_change();
CREATE TRIGGER after_channel_edit AFTER UPDATE ON website_monitor.channels
  FOR EACH ROW WHEN ((NEW.url, NEW.secrets, NEW.enabled) IS DISTINCT FROM (OLD.url, OLD.secrets, OLD.enabled))
  EXECUTE FUNCTION website_monitor.after_channel_change();

-- When the database's clock was set back, channels and alerts would wait until it has caught up. Rows that are in use are
-- skipped, since checks wait for this to end.
CREATE FUNCTION website_monitor.after_clock_set_back() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE website_monitor.channel_queues AS queue
  SET not_before = not_before - NEW.set_back_by,
    -- A shorter one may have begun since. The clock went back by at least set_back_by, so a lease never ends too soon.
    leased_until = CASE WHEN leased_until > NEW.noticed_at + interval '1 min' THEN leased_until - NEW.set_back_by ELSE leased_until END
  FROM (
    SELECT channel_id FROM website_monitor.channel_queues
    WHERE greatest(not_before, leased_until) > NEW.noticed_at FOR UPDATE SKIP LOCKED
  ) AS waiting
  WHERE queue.channel_id = waiting.channel_id;
  UPDATE website_monitor.alerts AS alert
  SET due_at = due_at - NEW.set_back_by, noticed_at = least(noticed_at, NEW.noticed_at),
    rechecked_at = rechecked_at - NEW.set_back_by
  FROM (
    SELECT id FROM website_monitor.alerts
    WHERE state <> 'closed' AND greatest(due_at, noticed_at, rechecked_at) > NEW.noticed_at FOR UPDATE SKIP LOCKED
  ) AS waiting
  WHERE alert.id = waiting.id;
  RETURN NULL;
END
$$;
CREATE TRIGGER after_clock_set_back AFTER INSERT ON website_monitor.clock_set_backs
  FOR EACH ROW EXECUTE FUNCTION website_monitor.after_clock_set_back();

-- ── For people ───────────────────────────────────────────────────────────────────────────────────

-- Stops reminders and escalation of these alerts. Says which of them were open and unacknowledged.
CREATE FUNCTION website_monitor.acknowledge_alerts(ids bigint[], by_whom text DEFAULT session_user) RETURNS SETOF bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  UPDATE website_monitor.alerts
  SET acknowledged_at = now(), acknowledged_by = left(coalesce(by_whom, session_user), 200), due_at = now()
  WHERE id = ANY (ids) AND state <> 'closed' AND acknowledged_at IS NULL
  RETURNING id;
END;

CREATE FUNCTION website_monitor.after_alert_acknowledged() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_notify('website_monitor', 'alerts');
  RETURN NULL;
END
$$;
CREATE TRIGGER after_alert_acknowledged AFTER UPDATE OF acknowledged_at ON website_monitor.alerts
  FOR EACH ROW WHEN (NEW.acknowledged_at IS DISTINCT FROM OLD.acknowledged_at)
  EXECUTE FUNCTION website_monitor.after_alert_acknowledged();

-- Sends dead deliveries of a channel again, and the ends of those alerts, which were dropped: a receiver that gets an
-- opening must get its end. What surely did not arrive is gathered into a new message. Says how many were dead.
CREATE FUNCTION website_monitor.resend_deliveries(of_channel bigint) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  resent bigint;
BEGIN
  -- Before its deliveries, as in lease-deliveries.sql and record-deliveries.sql.
  UPDATE website_monitor.channel_queues SET not_before = least(not_before, now()) WHERE channel_id = of_channel;
  WITH again AS (
    UPDATE website_monitor.deliveries
    SET state = 'waiting', attempts = 0, finished_at = NULL, created_at = now(),
      message_id = CASE WHEN may_have_arrived THEN message_id END
    WHERE channel_id = of_channel AND state = 'dead'
    RETURNING alert_id, news
  ),
  ends AS (
    UPDATE website_monitor.deliveries SET state = 'waiting', finished_at = NULL, created_at = now()
    WHERE alert_id = ANY (ARRAY(SELECT alert_id FROM again WHERE again.news = 'opened'))
      AND channel_id = of_channel AND state = 'dropped' AND news = 'resolved'
  )
  SELECT count(*) INTO resent FROM again;
  PERFORM pg_notify('website_monitor', 'alerts');
  RETURN resent;
END
$$;

REVOKE EXECUTE ON FUNCTION website_monitor.acknowledge_alerts, website_monitor.resend_deliveries FROM PUBLIC;

-- Which worker found a target down at that slot, and the url that it checked. Workers write the failure log, and may not
-- read the rest of it.
CREATE FUNCTION website_monitor.failure_found(
  of_target bigint, at_slot timestamptz, OUT worker text, OUT url text
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT worker, target_snapshot ->> 'url' FROM website_monitor.failure_log
  WHERE target_id = of_target AND scheduled_at = at_slot;
END;
REVOKE EXECUTE ON FUNCTION website_monitor.failure_found FROM PUBLIC;

-- Whether a worker has something to do about alerts now: for the safety pass of its heartbeat.
CREATE FUNCTION website_monitor.alerts_are_due() RETURNS boolean
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT EXISTS (SELECT FROM website_monitor.alert_events)
    OR (SELECT min(due_at) FROM website_monitor.alerts WHERE state <> 'closed') <= now() IS TRUE
    OR EXISTS (
      SELECT FROM website_monitor.channel_queues AS queue JOIN website_monitor.channels AS channel ON channel.id = channel_id
      WHERE channel.enabled AND greatest(not_before, leased_until) <= now() AND EXISTS (
        SELECT FROM website_monitor.deliveries AS delivery
        WHERE delivery.channel_id = queue.channel_id AND delivery.state = 'waiting'));
END;

-- An alert as a message tells it: `Told` in lib/alerting/message.ts.
CREATE FUNCTION website_monitor.alert_as_json(
  alert website_monitor.alerts, news website_monitor.alert_news, is_whole boolean
) RETURNS json
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT json_build_object(
    'news', news,
    'isWhole', is_whole,
    'alertId', alert.id::text,
    'kind', alert.kind,
    'target', CASE WHEN alert.target_id IS NOT NULL THEN json_build_object(
      'id', alert.target_id::text, 'key', alert.key, 'url', coalesce(alert.url, ''), 'labels', alert.labels) END,
    'title', coalesce(alert.name, alert.url, nullif(alert.subject, ''), alert.cause),
    'cause', alert.cause,
    'detail', alert.detail,
    'sinceMs', extract(epoch FROM alert.started_at)::float8 * 1000,
    'untilMs', CASE WHEN news = 'resolved' THEN extract(epoch FROM alert.ended_at)::float8 * 1000 END,
    'ending', CASE WHEN news = 'resolved' THEN alert.ending END,
    'incidents', alert.incidents,
    'lastGoodAtMs', (
      SELECT extract(epoch FROM started_at)::float8 * 1000 FROM website_monitor.check_results AS result
      WHERE alert.kind = 'down' AND result.target_id = alert.target_id AND outcome = 'up'
        AND scheduled_at < alert.started_at AND scheduled_at > alert.started_at - interval '2 d'
      ORDER BY scheduled_at DESC LIMIT 1),
    'check', (
      SELECT json_build_object('httpStatus', http_status, 'phases', json_build_object(
        'dnsUs', dns_us, 'connectUs', connect_us, 'tlsUs', tls_us, 'ttfbUs', ttfb_us, 'transferUs', transfer_us,
        'totalUs', total_us))
      FROM website_monitor.check_results AS result
      WHERE alert.kind = 'down' AND result.target_id = alert.target_id AND scheduled_at = alert.started_at),
    'mayBeOurNetwork', alert.may_be_our_network,
    'acknowledgedBy', alert.acknowledged_by);
END;
