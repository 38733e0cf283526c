-- Adds a target, or changes the one with this url and method by what was said of it.
-- Under advisory-lock.sql, so that two starts do not add it twice.
--
-- Parameters: $1 jsonb  columns of monitored_targets by name, url and method among them: what was said
-- Returns:    change text: 'added', 'changed' or 'kept'
-- Index:      monitored_targets_url
WITH present AS MATERIALIZED (
  SELECT id FROM website_monitor.monitored_targets
  WHERE url = $1::jsonb->>'url' AND method = $1::jsonb->>'method'
  ORDER BY id LIMIT 1
),
changed AS (
  UPDATE website_monitor.monitored_targets AS target
  SET (check_interval, default_headers, request_body, regex_pattern, regex_must_match, timeout, accepted_statuses,
    max_redirects, max_latency, ip_family, verify_tls, min_certificate_validity, basic_auth_user,
    basic_auth_password, bearer_token, enabled)
    = (
      SELECT check_interval, default_headers, request_body, regex_pattern, regex_must_match, timeout, accepted_statuses,
        max_redirects, max_latency, ip_family, verify_tls, min_certificate_validity, basic_auth_user,
        basic_auth_password, bearer_token, enabled
      FROM jsonb_populate_record(target, $1::jsonb || '{"enabled": true}')
    )
  WHERE id = (SELECT id FROM present)
    AND target IS DISTINCT FROM jsonb_populate_record(target, $1::jsonb || '{"enabled": true}')
  RETURNING id
),
added AS (
  INSERT INTO website_monitor.monitored_targets (
    url, method, check_interval, default_headers, request_body, regex_pattern, regex_must_match, timeout,
    accepted_statuses, max_redirects, max_latency, ip_family, verify_tls, min_certificate_validity,
    basic_auth_user, basic_auth_password, bearer_token)
  SELECT url, method, check_interval, default_headers, request_body, regex_pattern, regex_must_match, timeout,
    accepted_statuses, max_redirects, max_latency, ip_family, verify_tls, min_certificate_validity,
    basic_auth_user, basic_auth_password, bearer_token
  FROM jsonb_populate_record(
    NULL::website_monitor.monitored_targets,
    -- As the table has them by default, which a row made of JSON does not know
    '{"check_interval": "60 s", "regex_must_match": true, "max_redirects": 10, "verify_tls": true}' || $1::jsonb)
  WHERE NOT EXISTS (SELECT FROM present)
  RETURNING id
)
SELECT CASE
  WHEN EXISTS (SELECT FROM added) THEN 'added'
  WHEN EXISTS (SELECT FROM changed) THEN 'changed'
  ELSE 'kept'
END AS change
