-- What an answer must be like, target by target, and what is remembered of a target between its checks:
-- whether it is down, its certificate, and whether its pattern can be run.

ALTER TYPE website_monitor.check_cause ADD VALUE 'network_unavailable' BEFORE 'resolver_unavailable';
ALTER TYPE website_monitor.check_cause ADD VALUE 'address_forbidden';
ALTER TYPE website_monitor.check_cause ADD VALUE 'secret_unavailable';
ALTER TYPE website_monitor.check_cause ADD VALUE 'regex_set_aside' BEFORE 'request_invalid';
ALTER TYPE website_monitor.check_cause ADD VALUE 'tls_expires_soon' BEFORE 'tls_timeout';
ALTER TYPE website_monitor.check_cause ADD VALUE 'regex_forbidden' BEFORE 'network_unavailable';
ALTER TYPE website_monitor.check_cause ADD VALUE 'too_slow' BEFORE 'network_unavailable';

-- ── What is checked ──────────────────────────────────────────────────────────────────────────────

-- True for statuses and ranges of them with commas between, such as `200-299,401`.
CREATE FUNCTION website_monitor.are_status_ranges(statuses text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN replace(statuses, ' ', '') ~ '^[1-5]\d\d(-[1-5]\d\d)?(,[1-5]\d\d(-[1-5]\d\d)?)*$'
    AND NOT EXISTS (
      SELECT FROM string_to_table(replace(statuses, ' ', ''), ',') AS range
      WHERE split_part(range, '-', 2) BETWEEN '0' AND split_part(range, '-', 1)
        AND split_part(range, '-', 2) <> split_part(range, '-', 1)
    );

CREATE FUNCTION website_monitor.headers_authorize(headers jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN coalesce(jsonb_path_exists(headers,
    '$.keyvalue() ? (@.key like_regex "^authorization$" flag "i")', silent => true), false);

-- False where a port is named that is none.
CREATE FUNCTION website_monitor.url_port_is_usable(url text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN coalesce(nullif(substring(url FROM '^[^/]*//[^/?#]*:0*(\d*)([/?#]|$)'), '')::numeric BETWEEN 1 AND 65535,
    url !~ '^[^/]*//[^/?#]*:0+([/?#]|$)');

ALTER TABLE website_monitor.monitored_targets
  ADD COLUMN request_body text,
  ADD COLUMN accepted_statuses text,
  ADD COLUMN max_redirects smallint NOT NULL DEFAULT 10,
  ADD COLUMN regex_must_match boolean NOT NULL DEFAULT true,
  ADD COLUMN max_latency interval,
  ADD COLUMN ip_family smallint,
  ADD COLUMN verify_tls boolean NOT NULL DEFAULT true,
  ADD COLUMN min_certificate_validity interval,
  ADD COLUMN basic_auth_user text,
  ADD COLUMN basic_auth_password text,
  ADD COLUMN bearer_token text,
  ADD COLUMN regex_breaches smallint NOT NULL DEFAULT 0,
  ADD COLUMN regex_problem text,

  -- Not valid for rows that are there already: they go on being checked, and say so themselves.
  ADD CONSTRAINT "url must name a port from 1 to 65535, if it names one"
    CHECK (website_monitor.url_port_is_usable(url)) NOT VALID,
  ADD CONSTRAINT "request_body must be at most 64 KiB"
    CHECK (octet_length(request_body) <= 65536),
  ADD CONSTRAINT "request_body needs a method that carries one, not GET or HEAD"
    CHECK (request_body IS NULL OR method NOT IN ('GET', 'HEAD')),
  ADD CONSTRAINT "accepted_statuses must be like 200-299,401 from 100 to 599"
    CHECK (length(accepted_statuses) <= 200 AND website_monitor.are_status_ranges(accepted_statuses)),
  ADD CONSTRAINT "max_redirects must be from 0 to 20"
    CHECK (max_redirects BETWEEN 0 AND 20),
  ADD CONSTRAINT "max_latency must be from 1 millisecond to 10 minutes"
    CHECK (max_latency BETWEEN interval '1 ms' AND interval '10 min'),
  ADD CONSTRAINT "ip_family must be 4 or 6"
    CHECK (ip_family IN (4, 6)),
  ADD CONSTRAINT "min_certificate_validity must be from 0 to 365 days"
    CHECK (min_certificate_validity BETWEEN interval '0' AND interval '365 d'),
  ADD CONSTRAINT "basic_auth_user must be a line of 1 to 256 without a colon"
    CHECK (length(basic_auth_user) <= 256 AND (basic_auth_user ~ '^[^:[:cntrl:]]+$'
      OR basic_auth_user ~ '^\$\{(env|file):[^}[:cntrl:]]+\}$')),
  ADD CONSTRAINT "basic_auth_password must be a line of at most 1024"
    CHECK (basic_auth_password !~ '[[:cntrl:]]' AND length(basic_auth_password) <= 1024),
  ADD CONSTRAINT "basic_auth_password needs a basic_auth_user"
    CHECK (basic_auth_password IS NULL OR basic_auth_user IS NOT NULL),
  ADD CONSTRAINT "bearer_token must be 1 to 8192 printable ASCII, no spaces"
    CHECK (bearer_token ~ '^[!-~]+$' AND length(bearer_token) <= 8192),
  ADD CONSTRAINT "credentials must be basic, bearer or a header: one of them"
    CHECK (num_nonnulls(basic_auth_user, bearer_token)
      + website_monitor.headers_authorize(default_headers)::integer <= 1);

COMMENT ON COLUMN website_monitor.monitored_targets.default_headers IS
  'sent to the url''s own origin only; a value may be ${env:WEBSITE_MONITOR_SECRET_…} or ${file:…}';
COMMENT ON COLUMN website_monitor.monitored_targets.accepted_statuses IS
  'final statuses that are up, such as 200-299,401; null = those below 400, unless --raise-for-status false';
COMMENT ON COLUMN website_monitor.monitored_targets.max_redirects IS
  'redirects followed at most; 0 = none is followed, and the redirect itself is judged';
COMMENT ON COLUMN website_monitor.monitored_targets.regex_must_match IS
  'false: the body must not contain the pattern';
COMMENT ON COLUMN website_monitor.monitored_targets.max_latency IS
  'a check that takes longer in all is down; null = the timeout is the only limit';
COMMENT ON COLUMN website_monitor.monitored_targets.ip_family IS 'connect by IPv4 or IPv6 only; null = either';
COMMENT ON COLUMN website_monitor.monitored_targets.verify_tls IS
  'false: whatever certificate is presented is accepted, and recorded';
COMMENT ON COLUMN website_monitor.monitored_targets.min_certificate_validity IS
  'down when a certificate presented is valid for less than this; null = not judged, only warned of';
COMMENT ON COLUMN website_monitor.monitored_targets.basic_auth_user IS
  'may be a reference, as may password and token: ${env:WEBSITE_MONITOR_SECRET_…} or ${file:…}';
COMMENT ON COLUMN website_monitor.monitored_targets.regex_breaches IS
  'the service''s: searches in a row that were stopped at their deadline';
COMMENT ON COLUMN website_monitor.monitored_targets.regex_problem IS
  'the service''s: why the pattern is not run; an edit of the pattern clears it';

-- The version is the database's to count: what an UPDATE says of it is ignored. What the service notes
-- about a pattern is no edit.
CREATE OR REPLACE FUNCTION website_monitor.before_target_update() RETURNS trigger
  LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  IF NEW.regex_pattern IS DISTINCT FROM OLD.regex_pattern
    OR (NEW.regex_problem IS NULL AND OLD.regex_problem IS NOT NULL)
  THEN
    NEW.regex_breaches := 0;
    NEW.regex_problem := NULL;
  END IF;
  NEW.version := OLD.version + CASE
    WHEN (NEW.url, NEW.method, NEW.check_interval, NEW.default_headers, NEW.request_body, NEW.timeout, NEW.enabled,
        NEW.accepted_statuses, NEW.max_redirects, NEW.regex_pattern, NEW.regex_must_match, NEW.max_latency,
        NEW.ip_family, NEW.verify_tls, NEW.min_certificate_validity,
        NEW.basic_auth_user, NEW.basic_auth_password, NEW.bearer_token)
      IS DISTINCT FROM
      (OLD.url, OLD.method, OLD.check_interval, OLD.default_headers, OLD.request_body, OLD.timeout, OLD.enabled,
        OLD.accepted_statuses, OLD.max_redirects, OLD.regex_pattern, OLD.regex_must_match, OLD.max_latency,
        OLD.ip_family, OLD.verify_tls, OLD.min_certificate_validity,
        OLD.basic_auth_user, OLD.basic_auth_password, OLD.bearer_token)
    THEN 1 ELSE 0 END;
  IF NEW.version <> OLD.version OR NEW.created_at <> OLD.created_at THEN
    NEW.updated_at := statement_timestamp();
  END IF;
  RETURN NEW;
END
$$;

-- A target as the service is told of it: what is null is left out.
CREATE FUNCTION website_monitor.target_as_json(target website_monitor.monitored_targets) RETURNS json
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN json_strip_nulls(json_build_object(
    'id', target.id::text, 'version', target.version, 'url', target.url, 'method', target.method,
    'headers', target.default_headers, 'requestBody', target.request_body,
    'basicAuthUser', target.basic_auth_user, 'basicAuthPassword', target.basic_auth_password,
    'bearerToken', target.bearer_token,
    'acceptedStatuses', target.accepted_statuses, 'maxRedirects', target.max_redirects,
    'regexPattern', target.regex_pattern, 'regexMustMatch', target.regex_must_match,
    'regexBreaches', target.regex_breaches, 'regexProblem', target.regex_problem,
    'maxLatencyMs', extract(epoch FROM target.max_latency) * 1000, 'ipFamily', target.ip_family,
    'verifyTls', target.verify_tls,
    'minCertificateValidityMs', extract(epoch FROM target.min_certificate_validity) * 1000));

-- ── What came of it ──────────────────────────────────────────────────────────────────────────────

ALTER TABLE website_monitor.check_results
  ADD COLUMN rechecks smallint, -- null, and no byte: the first attempt was accepted, or its target was down already
  ADD COLUMN first_cause website_monitor.check_cause; -- of the attempt that was checked again

COMMENT ON COLUMN website_monitor.check_results.rechecks IS
  'attempts made after the first, on new connections, before a target that was not down is called down';
COMMENT ON COLUMN website_monitor.check_results.first_cause IS
  'what the first attempt failed with, where it was checked again; the phases are of the last attempt';

-- From the first check that was down to the first that was up again, with no up between. What is
-- unknown neither begins an incident nor ends one; disabling or deleting its target ends it.
CREATE TABLE website_monitor.incidents (
  target_id bigint NOT NULL,
  started_at timestamptz NOT NULL, -- the slot of the first check that was down
  ended_at timestamptz, -- the slot of the first check that was up again; null = the target is down
  cause website_monitor.check_cause NOT NULL, -- of the first check that was down
  detail text NOT NULL,
  PRIMARY KEY (target_id, started_at),
  CONSTRAINT "an incident ends after it has begun" CHECK (ended_at >= started_at)
);

-- At most one is open for each target; and small, for it is looked into at every lease.
CREATE UNIQUE INDEX incidents_open ON website_monitor.incidents (target_id) WHERE ended_at IS NULL;

-- The certificate that each target presented last, with the earliest expiry over its chain (and over
-- the hops of its redirects). Written when it changes.
CREATE TABLE website_monitor.target_certificates (
  target_id bigint PRIMARY KEY,
  expires_at timestamptz NOT NULL,
  host text NOT NULL, -- who presented it: with redirects it need not be the url's
  subject text NOT NULL,
  issuer text NOT NULL,
  fingerprint_sha256 text NOT NULL, -- of the website's own certificate
  first_seen_at timestamptz NOT NULL
);

CREATE INDEX target_certificates_expires_at ON website_monitor.target_certificates (expires_at);

-- Ends the schedule of the targets named.
CREATE OR REPLACE FUNCTION website_monitor.stop_schedules(target_ids bigint[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  -- The lock first: a lease under way may be moving next_fire_at, and what it leased is no gap.
  PERFORM FROM website_monitor.target_leases WHERE monitored_target_id = ANY (target_ids) FOR UPDATE;
  PERFORM website_monitor.record_gaps_before(clock_timestamp(), target_ids);
  DELETE FROM website_monitor.target_leases WHERE monitored_target_id = ANY (target_ids);
  UPDATE website_monitor.incidents SET ended_at = greatest(started_at, clock_timestamp())
  WHERE target_id = ANY (target_ids) AND ended_at IS NULL;
END
$$;

CREATE OR REPLACE FUNCTION website_monitor.after_target_update() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  PERFORM website_monitor.stop_schedules(ARRAY(
    SELECT id FROM edited JOIN original USING (id) WHERE original.enabled AND NOT edited.enabled));
  PERFORM website_monitor.start_schedules(ARRAY(
    SELECT id FROM edited JOIN original USING (id) WHERE edited.enabled AND edited.version <> original.version));
  DELETE FROM website_monitor.target_certificates WHERE target_id = ANY (ARRAY(
    SELECT id FROM edited JOIN original USING (id) WHERE edited.url <> original.url));
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION website_monitor.after_target_delete() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  PERFORM website_monitor.stop_schedules(ARRAY(SELECT id FROM deleted WHERE enabled));
  DELETE FROM website_monitor.target_certificates WHERE target_id = ANY (ARRAY(SELECT id FROM deleted));
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION website_monitor.before_target_truncate() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  PERFORM website_monitor.stop_schedules(ARRAY(SELECT monitored_target_id FROM website_monitor.target_leases));
  DELETE FROM website_monitor.target_certificates;
  RETURN NULL;
END
$$;

-- ── Who may read ─────────────────────────────────────────────────────────────────────────────────

-- The targets without what may be secret: headers, bodies, credentials, and a url's query and fragment.
CREATE VIEW website_monitor.targets AS
SELECT target.id, substring(target.url FROM '^[^?#]*') AS url, target.method, target.check_interval,
  target.timeout, target.enabled, target.accepted_statuses, target.max_redirects,
  target.regex_pattern, target.regex_must_match, target.regex_problem, target.max_latency, target.ip_family,
  target.verify_tls, target.min_certificate_validity, target.version, target.created_at, target.updated_at,
  lease.next_fire_at, incident.started_at AS down_since, incident.cause AS down_cause,
  certificate.expires_at AS certificate_expires_at
FROM website_monitor.monitored_targets AS target
LEFT JOIN website_monitor.target_leases AS lease ON lease.monitored_target_id = target.id
LEFT JOIN website_monitor.incidents AS incident ON incident.target_id = target.id AND incident.ended_at IS NULL
LEFT JOIN website_monitor.target_certificates AS certificate ON certificate.target_id = target.id;
