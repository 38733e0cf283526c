-- Conditions: what is worth an alert besides incidents. Upkeep finds them, one worker at a time.

-- Work that one worker does for all: who locks the row of the work has the turn. No reader can lock it.
CREATE TABLE website_monitor.upkeep_turns (
  work text PRIMARY KEY,
  taken_at timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO website_monitor.upkeep_turns VALUES ('conditions'), ('retention');

-- Targets whose last check was unknown, since which slot. Few, but in an outage of our own they may be all: no index but
-- the key, and no constraint that locks a target.
CREATE TABLE website_monitor.unknown_targets (
  target_id bigint PRIMARY KEY,
  since timestamptz NOT NULL
);

CREATE INDEX monitored_targets_pattern_problem ON website_monitor.monitored_targets (id) WHERE regex_problem IS NOT NULL;
CREATE INDEX conditions_ended ON website_monitor.conditions (ended_at) WHERE ended_at IS NOT NULL;

COMMENT ON COLUMN website_monitor.monitored_targets.slow_above IS
  'the target is slow, which is not down, once three known checks in a row are up and take longer in total; null = it is never slow';

-- With slow_above, so that checks of targets without it cost nothing more.
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
    'slowAboveMs', extract(epoch FROM target.slow_above) * 1000,
    'createdBy', target.created_by));
