-- A gap says why its slots were not run, and a leased target who made it.

CREATE TYPE website_monitor.gap_reason AS ENUM (
  'no_worker', -- no worker ran it in time
  'still_running', -- the target's previous check had not finished
  'slow_lane_full', -- too many slow checks were running
  'target_deleted', -- while its check ran, like the next two
  'target_disabled',
  'target_edited'
);

ALTER TABLE website_monitor.check_gaps ADD COLUMN reason website_monitor.gap_reason NOT NULL DEFAULT 'no_worker';

COMMENT ON COLUMN website_monitor.check_gaps.reason IS 'why the slots were not checked';

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
    'verifyTls', target.verify_tls,
    'minCertificateValidityMs', extract(epoch FROM target.min_certificate_validity) * 1000,
    'createdBy', target.created_by));
