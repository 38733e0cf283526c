-- Accepts statuses up to 999, refuses a pattern that no response to HEAD contains, and lets a target accept old TLS.

CREATE OR REPLACE FUNCTION website_monitor.are_status_ranges(statuses text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN replace(statuses, ' ', '') ~ '^[1-9]\d\d(-[1-9]\d\d)?(,[1-9]\d\d(-[1-9]\d\d)?)*$'
    AND NOT EXISTS (
      SELECT FROM string_to_table(replace(statuses, ' ', ''), ',') AS range
      WHERE split_part(range, '-', 2) BETWEEN '0' AND split_part(range, '-', 1)
        AND split_part(range, '-', 2) <> split_part(range, '-', 1)
    );

-- They never told anything: a response to HEAD has no body to search.
UPDATE website_monitor.monitored_targets SET regex_pattern = NULL WHERE method = 'HEAD' AND regex_pattern IS NOT NULL;

ALTER TABLE website_monitor.monitored_targets
  ADD COLUMN legacy_tls boolean NOT NULL DEFAULT false,
  DROP CONSTRAINT "accepted_statuses must be like 200-299,401 from 100 to 599",
  ADD CONSTRAINT "accepted_statuses must be like 200-299,401 from 100 to 999"
    CHECK (length(accepted_statuses) <= 200 AND website_monitor.are_status_ranges(accepted_statuses)),
  ADD CONSTRAINT "regex_pattern needs a body to search, and HEAD has none"
    CHECK (regex_pattern IS NULL OR method <> 'HEAD');

COMMENT ON COLUMN website_monitor.monitored_targets.legacy_tls IS
  'true accepts old TLS: versions from 1.0, small keys, renegotiation without its extension';

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
      NEW.ip_family, NEW.verify_tls, NEW.legacy_tls, NEW.min_certificate_validity,
      NEW.basic_auth_user, NEW.basic_auth_password, NEW.bearer_token)
    IS DISTINCT FROM
    (OLD.url, OLD.method, OLD.check_interval, OLD.default_headers, OLD.request_body, OLD.timeout, OLD.enabled,
      OLD.accepted_statuses, OLD.max_redirects, OLD.regex_pattern, OLD.regex_must_match, OLD.max_latency,
      OLD.ip_family, OLD.verify_tls, OLD.legacy_tls, OLD.min_certificate_validity,
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

-- With the new column, and with who made the target: the slow lane of a worker is shared between them.
CREATE OR REPLACE FUNCTION website_monitor.target_as_json(target website_monitor.monitored_targets) RETURNS json
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
    'verifyTls', target.verify_tls, 'legacyTls', target.legacy_tls,
    'minCertificateValidityMs', extract(epoch FROM target.min_certificate_validity) * 1000,
    'createdBy', target.created_by));

CREATE OR REPLACE VIEW website_monitor.targets AS
SELECT target.id, substring(target.url FROM '^[^?#]*') AS url, target.method, target.check_interval,
  target.timeout, target.enabled, target.accepted_statuses, target.max_redirects,
  target.regex_pattern, target.regex_must_match, target.regex_problem, target.max_latency, target.ip_family,
  target.verify_tls, target.min_certificate_validity, target.version, target.created_at, target.updated_at,
  lease.next_fire_at, incident.started_at AS down_since, incident.cause AS down_cause,
  certificate.expires_at AS certificate_expires_at,
  target.key, target.name, target.labels, target.notes, target.managed_by, target.created_by, target.revision,
  target.depends_on, target.alert_after, target.recovery_period, target.slow_above, target.legacy_tls
FROM website_monitor.monitored_targets AS target
LEFT JOIN website_monitor.target_leases AS lease ON lease.monitored_target_id = target.id
LEFT JOIN website_monitor.incidents AS incident ON incident.target_id = target.id AND incident.ended_at IS NULL
LEFT JOIN website_monitor.target_certificates AS certificate ON certificate.target_id = target.id;
