-- What is said of a target beside how it is checked: its key, name, labels and notes, who owns it, and what alerts will
-- ask about it. Column lists of import and export are read from the catalogue, so that a new column is one ALTER TABLE.

-- ── What is checked ──────────────────────────────────────────────────────────────────────────────

CREATE FUNCTION website_monitor.label_names_are_plain(labels jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN NOT EXISTS (SELECT FROM jsonb_object_keys(labels) AS name WHERE name !~ '^[a-zA-Z_][a-zA-Z0-9_]*$');

CREATE FUNCTION website_monitor.labels_are_few_and_short(labels jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN (SELECT count(*) <= 32 AND coalesce(bool_and(length(name) <= 100 AND length(value) <= 200), true)
          FROM jsonb_each_text(labels) AS label (name, value));

ALTER TABLE website_monitor.monitored_targets
  ADD COLUMN key text,
  ADD COLUMN name text,
  ADD COLUMN labels jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN notes text,
  ADD COLUMN managed_by text,
  ADD COLUMN created_by text,
  ADD COLUMN revision integer NOT NULL DEFAULT 1,
  ADD COLUMN depends_on bigint,
  ADD COLUMN alert_after interval,
  ADD COLUMN recovery_period interval,
  ADD COLUMN slow_above interval,

  ADD CONSTRAINT "key must be up to 100 of a-z, 0-9, . _ and -"
    CHECK (key ~ '^[a-z0-9][a-z0-9._-]{0,99}$'),
  ADD CONSTRAINT "name must be a line of 1 to 200 characters"
    CHECK (name !~ '[[:cntrl:]]' AND length(name) BETWEEN 1 AND 200),
  -- Checked in the order of their names; most targets have none, and are spared the functions
  ADD CONSTRAINT "labels must be an object of strings"
    CHECK (labels = '{}' OR website_monitor.headers_are_strings(labels)),
  ADD CONSTRAINT "labels must be at most 32, each of at most 200 characters"
    CHECK (labels = '{}' OR jsonb_typeof(labels) <> 'object' OR website_monitor.labels_are_few_and_short(labels)),
  ADD CONSTRAINT "labels must have names of letters, digits and _"
    CHECK (labels = '{}' OR jsonb_typeof(labels) <> 'object' OR website_monitor.label_names_are_plain(labels)),
  ADD CONSTRAINT "notes must be at most 10000 characters long"
    CHECK (length(notes) <= 10000),
  ADD CONSTRAINT "managed_by must be a line of 1 to 200 characters"
    CHECK (managed_by !~ '[[:cntrl:]]' AND length(managed_by) BETWEEN 1 AND 200),
  ADD CONSTRAINT "depends_on must name another target"
    CHECK (depends_on <> id),
  ADD CONSTRAINT "alert_after must be from 0 to 1 day"
    CHECK (alert_after BETWEEN interval '0' AND interval '1 d'),
  ADD CONSTRAINT "recovery_period must be from 0 to 1 day"
    CHECK (recovery_period BETWEEN interval '0' AND interval '1 d'),
  ADD CONSTRAINT "slow_above must be from 1 millisecond to 10 minutes"
    CHECK (slow_above BETWEEN interval '1 ms' AND interval '10 min');

-- Of rows that are there already nobody knows who inserted them.
ALTER TABLE website_monitor.monitored_targets ALTER COLUMN created_by SET DEFAULT session_user;

-- Partial: most targets have neither, and cost nothing here. The name is what whoever breaks it reads.
CREATE UNIQUE INDEX "key must be unlike every other target's"
  ON website_monitor.monitored_targets (key) WHERE key IS NOT NULL;
CREATE INDEX monitored_targets_depends_on ON website_monitor.monitored_targets (depends_on) WHERE depends_on IS NOT NULL;

COMMENT ON COLUMN website_monitor.monitored_targets.key IS
  'its stable name, unique, as in shop.checkout-1; null = known by url and method only';
COMMENT ON COLUMN website_monitor.monitored_targets.name IS 'shown in the place of its url; null = the url is';
COMMENT ON COLUMN website_monitor.monitored_targets.labels IS
  'an object of strings to select by, as in {"team": "web"}; at most 32';
COMMENT ON COLUMN website_monitor.monitored_targets.notes IS 'for people, at most 10,000 characters; null = none';
COMMENT ON COLUMN website_monitor.monitored_targets.managed_by IS
  'the config file that owns it; null = none does';
COMMENT ON COLUMN website_monitor.monitored_targets.created_by IS
  'the role that inserted it; the database''s to write; null = nobody knows';
COMMENT ON COLUMN website_monitor.monitored_targets.revision IS 'counts every edit; the database''s to write';
COMMENT ON COLUMN website_monitor.monitored_targets.depends_on IS
  'the target whose trouble explains this one''s, itself dependent on none; null = none';
COMMENT ON COLUMN website_monitor.monitored_targets.alert_after IS
  'how long it is down before an alert opens; null = the service''s default';
COMMENT ON COLUMN website_monitor.monitored_targets.recovery_period IS
  'how long it is up before an alert closes; null = the service''s default';
COMMENT ON COLUMN website_monitor.monitored_targets.slow_above IS
  'a check that takes longer in all is slow, which is not down; null = none is slow';

-- ── Triggers ─────────────────────────────────────────────────────────────────────────────────────

-- What an INSERT says of these is ignored. The trigger's condition spares all who say nothing of them.
CREATE FUNCTION website_monitor.before_target_insert() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.version := 1;
  NEW.revision := 1;
  NEW.created_by := session_user;
  RETURN NEW;
END
$$;

CREATE TRIGGER before_target_insert BEFORE INSERT ON website_monitor.monitored_targets
  FOR EACH ROW
  WHEN ((NEW.version, NEW.revision, NEW.created_by) IS DISTINCT FROM (1, 1, session_user::text))
  EXECUTE FUNCTION website_monitor.before_target_insert();

-- Counts edits. `version` counts those of what is checked and when, and so restarts the schedule; `revision` counts all.
-- What the service notes about a pattern is no edit, and what an UPDATE says of the two, or of who inserted the row, is
-- ignored.
CREATE OR REPLACE FUNCTION website_monitor.before_target_update() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  edited website_monitor.monitored_targets;
BEGIN
  IF NEW.regex_pattern IS DISTINCT FROM OLD.regex_pattern
    OR (NEW.regex_problem IS NULL AND OLD.regex_problem IS NOT NULL)
  THEN
    NEW.regex_breaches := 0;
    NEW.regex_problem := NULL;
  END IF;
  NEW.created_by := OLD.created_by;
  NEW.version := OLD.version;
  NEW.revision := OLD.revision;
  IF (NEW.url, NEW.method, NEW.check_interval, NEW.default_headers, NEW.request_body, NEW.timeout, NEW.enabled,
      NEW.accepted_statuses, NEW.max_redirects, NEW.regex_pattern, NEW.regex_must_match, NEW.max_latency,
      NEW.ip_family, NEW.verify_tls, NEW.min_certificate_validity,
      NEW.basic_auth_user, NEW.basic_auth_password, NEW.bearer_token)
    IS DISTINCT FROM
    (OLD.url, OLD.method, OLD.check_interval, OLD.default_headers, OLD.request_body, OLD.timeout, OLD.enabled,
      OLD.accepted_statuses, OLD.max_redirects, OLD.regex_pattern, OLD.regex_must_match, OLD.max_latency,
      OLD.ip_family, OLD.verify_tls, OLD.min_certificate_validity,
      OLD.basic_auth_user, OLD.basic_auth_password, OLD.bearer_token)
  THEN
    NEW.version := OLD.version + 1;
    NEW.revision := OLD.revision + 1;
  ELSE
    edited := NEW;
    edited.regex_breaches := OLD.regex_breaches;
    edited.regex_problem := OLD.regex_problem;
    edited.updated_at := OLD.updated_at;
    IF edited IS DISTINCT FROM OLD THEN
      NEW.revision := OLD.revision + 1;
    END IF;
  END IF;
  IF NEW.version <> OLD.version OR NEW.created_at <> OLD.created_at THEN
    NEW.updated_at := statement_timestamp();
  END IF;
  RETURN NEW;
END
$$;

-- What a foreign key would do for each row that is deleted is done here for those of a statement at once. Dependencies are
-- one deep, so there are neither chains nor cycles. The lock on the parent, and the one that an UPDATE has on the child,
-- keep two transactions from making a chain together, and the parent from being deleted meanwhile.
CREATE FUNCTION website_monitor.check_dependency() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  grandparent bigint;
BEGIN
  SELECT depends_on INTO grandparent FROM website_monitor.monitored_targets WHERE id = NEW.depends_on FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no target % to depend on', NEW.depends_on
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'depends_on must name a target that is there';
  END IF;
  IF grandparent IS NOT NULL
    OR EXISTS (SELECT FROM website_monitor.monitored_targets WHERE depends_on = NEW.id)
  THEN
    RAISE EXCEPTION 'a target that others depend on cannot depend on another'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'depends_on must be one deep: no chains, no cycles';
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER check_dependency_of_inserted BEFORE INSERT ON website_monitor.monitored_targets
  FOR EACH ROW WHEN (NEW.depends_on IS NOT NULL) EXECUTE FUNCTION website_monitor.check_dependency();

CREATE TRIGGER check_dependency_of_updated BEFORE UPDATE ON website_monitor.monitored_targets
  FOR EACH ROW WHEN (NEW.depends_on IS NOT NULL AND NEW.depends_on IS DISTINCT FROM OLD.depends_on)
  EXECUTE FUNCTION website_monitor.check_dependency();

CREATE OR REPLACE FUNCTION website_monitor.after_target_delete() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  orphans bigint[] := ARRAY(
    SELECT id FROM website_monitor.monitored_targets
    WHERE depends_on IS NOT NULL AND depends_on IN (SELECT id FROM deleted));
BEGIN
  PERFORM website_monitor.stop_schedules(ARRAY(SELECT id FROM deleted WHERE enabled));
  DELETE FROM website_monitor.target_certificates WHERE target_id = ANY (ARRAY(SELECT id FROM deleted));
  IF cardinality(orphans) > 0 THEN
    UPDATE website_monitor.monitored_targets SET depends_on = NULL WHERE id = ANY (orphans);
  END IF;
  RETURN NULL;
END
$$;

-- ── Files ────────────────────────────────────────────────────────────────────────────────────────

-- The columns that people set: all but those that the database or the service writes.
CREATE FUNCTION website_monitor.settable_columns() RETURNS TABLE (name name, type regtype)
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT attname, atttypid::regtype FROM pg_attribute
  WHERE attrelid = 'website_monitor.monitored_targets'::regclass AND attnum > 0 AND NOT attisdropped
    AND attname <> ALL ('{id,version,revision,created_by,created_at,updated_at,regex_breaches,regex_problem}'::name[])
  ORDER BY attnum;
END;

-- Which target each of the given ones is: that of its key; else, by url and method, one without a key that no other
-- config file owns, and which takes on the key that is given; else none.
CREATE FUNCTION website_monitor.known_target(columns jsonb, given_url text) RETURNS bigint
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT coalesce(
    (SELECT id FROM website_monitor.monitored_targets WHERE key = columns->>'key'),
    (SELECT min(id + 0) -- + 0, or the primary key would be walked for the least id
     FROM website_monitor.monitored_targets
     WHERE url IN (columns->>'url', given_url) AND method = columns->>'method' AND key IS NULL
       AND (columns->>'key' IS NULL OR coalesce(managed_by = columns->>'managed_by', managed_by IS NULL))));
END;

-- Adds targets, or changes those that are known, with the rights of whoever asks. For import-targets.sql, where its
-- parameters are told.
CREATE FUNCTION website_monitor.put_targets(given jsonb, defaults jsonb)
  RETURNS TABLE (place integer, change text, keyed text)
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  settable text := (SELECT string_agg(quote_ident(name), ', ') FROM website_monitor.settable_columns());
BEGIN
  RETURN QUERY EXECUTE format($statement$
    WITH given AS MATERIALIZED (
      SELECT place::integer, (element->>'needs_present')::boolean AS needs_present, id, element->>'given_url' AS given_url,
        -- A file names what a target depends on by its key; 0 is no target's id
        element->'columns' || CASE WHEN element->'columns'->>'depends_on' IS NULL THEN '{}' ELSE jsonb_build_object(
          'depends_on', coalesce((SELECT id FROM website_monitor.monitored_targets
                                  WHERE key = element->'columns'->>'depends_on'), 0)) END AS columns
      FROM jsonb_array_elements($1) WITH ORDINALITY AS given (element, place),
        website_monitor.known_target(element->'columns', element->>'given_url') AS id
    ),
    wanted AS MATERIALIZED (
      SELECT new.*
      FROM given
      JOIN website_monitor.monitored_targets AS known ON known.id = given.id,
        -- A url that is the same but for its form stays as it was written
        jsonb_populate_record(known, CASE WHEN known.url IN (columns->>'url', given_url) THEN columns - 'url' ELSE columns END)
          AS new
      WHERE known IS DISTINCT FROM new
    ),
    changed AS (
      UPDATE website_monitor.monitored_targets AS target
      SET (%1$s) = (SELECT %1$s FROM wanted WHERE wanted.id = target.id)
      WHERE target.id = ANY (ARRAY(SELECT id FROM wanted))
      RETURNING id
    ),
    added AS (
      INSERT INTO website_monitor.monitored_targets (%1$s)
      SELECT %1$s FROM (
        SELECT place AS given_place, new.* FROM given,
          jsonb_populate_record(NULL::website_monitor.monitored_targets, $2 || columns) AS new
        WHERE given.id IS NULL AND NOT needs_present
      ) AS new
      ORDER BY given_place
    )
    SELECT place, CASE
      WHEN id IS NOT NULL THEN CASE WHEN id IN (SELECT id FROM changed) THEN 'changed' ELSE 'kept' END
      WHEN needs_present THEN 'missing'
      ELSE 'added'
    END,
    CASE WHEN id IS NULL AND columns->>'key' IS NULL THEN (
      SELECT min(key) FROM website_monitor.monitored_targets
      WHERE url IN (columns->>'url', given_url) AND method = columns->>'method' AND key IS NOT NULL) END
    FROM given ORDER BY place$statement$, settable)
  USING given, defaults;
END
$$;

-- What people may set of targets, a page at a time. For export-targets.sql, where its parameters are told.
CREATE FUNCTION website_monitor.get_targets(after_id bigint, url_part text, with_labels jsonb, rows_max integer)
  RETURNS TABLE (id text, columns json)
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  pairs text := (
    SELECT string_agg(format(CASE
      WHEN name = 'depends_on' THEN '%1$L, CASE WHEN depends_on IS NOT NULL THEN coalesce(
        (SELECT parent.key FROM website_monitor.monitored_targets AS parent WHERE parent.id = target.depends_on), ''${kept}'') END'
      WHEN type = 'interval'::regtype THEN '%1$L, extract(epoch FROM %1$I)::float8 || '' s'''
      ELSE '%1$L, %1$I' END, name), ', ')
    FROM website_monitor.settable_columns());
BEGIN
  RETURN QUERY EXECUTE format($statement$
    SELECT target.id::text, json_build_object(%s) FROM website_monitor.monitored_targets AS target
    WHERE target.id > $1 AND ($2 IS NULL OR strpos(lower(url), lower($2)) > 0) AND labels @> $3
    ORDER BY target.id LIMIT $4$statement$, pairs)
  USING after_id, url_part, with_labels, rows_max;
END
$$;

-- ── Who may read ─────────────────────────────────────────────────────────────────────────────────

CREATE OR REPLACE VIEW website_monitor.targets AS
SELECT target.id, substring(target.url FROM '^[^?#]*') AS url, target.method, target.check_interval,
  target.timeout, target.enabled, target.accepted_statuses, target.max_redirects,
  target.regex_pattern, target.regex_must_match, target.regex_problem, target.max_latency, target.ip_family,
  target.verify_tls, target.min_certificate_validity, target.version, target.created_at, target.updated_at,
  lease.next_fire_at, incident.started_at AS down_since, incident.cause AS down_cause,
  certificate.expires_at AS certificate_expires_at,
  target.key, target.name, target.labels, target.notes, target.managed_by, target.created_by, target.revision,
  target.depends_on, target.alert_after, target.recovery_period, target.slow_above
FROM website_monitor.monitored_targets AS target
LEFT JOIN website_monitor.target_leases AS lease ON lease.monitored_target_id = target.id
LEFT JOIN website_monitor.incidents AS incident ON incident.target_id = target.id AND incident.ended_at IS NULL
LEFT JOIN website_monitor.target_certificates AS certificate ON certificate.target_id = target.id;
