-- Adds targets, or changes those with the same url and method, many at once. Under advisory-lock.sql, so that
-- two who do so do not add the same one twice.
--
-- Parameters: $1 jsonb  an array of {columns, given_url, needs_present}, each url and method once: columns of
--                       monitored_targets by name, url and method among them, null where the file says so;
--                       given_url as the file has it, where columns has its normal form; needs_present where
--                       something is to stay as it is
-- Returns:    place (1 = the first of the array) and change of each: 'added', 'changed', 'kept', or 'missing'
--             where needs_present and it is not there
-- Index:      monitored_targets_url
WITH given AS MATERIALIZED (
  SELECT place, element->'columns' AS columns, (element->>'needs_present')::boolean AS needs_present,
    (SELECT min(id + 0) -- + 0, or the primary key would be walked for the least id
     FROM website_monitor.monitored_targets
     WHERE url IN (element->'columns'->>'url', element->>'given_url')
       AND method = element->'columns'->>'method') AS id
  FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS given (element, place)
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
      FROM jsonb_populate_record(target, given.columns)
    )
  FROM given
  WHERE target.id = given.id AND target.id = ANY (ARRAY(SELECT id FROM given WHERE id IS NOT NULL))
    AND target IS DISTINCT FROM jsonb_populate_record(target, given.columns - 'url')
  RETURNING target.id
),
added AS (
  INSERT INTO website_monitor.monitored_targets (
    url, method, check_interval, default_headers, request_body, regex_pattern, regex_must_match, timeout,
    accepted_statuses, max_redirects, max_latency, ip_family, verify_tls, min_certificate_validity,
    basic_auth_user, basic_auth_password, bearer_token, enabled)
  SELECT new.url, new.method, new.check_interval, new.default_headers, new.request_body, new.regex_pattern,
    new.regex_must_match, new.timeout, new.accepted_statuses, new.max_redirects, new.max_latency, new.ip_family,
    new.verify_tls, new.min_certificate_validity, new.basic_auth_user, new.basic_auth_password, new.bearer_token,
    new.enabled
  FROM given, jsonb_populate_record(
    NULL::website_monitor.monitored_targets,
    -- As the table has them by default, which a row made of JSON does not know
    '{"check_interval": "60 s", "regex_must_match": true, "max_redirects": 10, "verify_tls": true, "enabled": true}'
      || given.columns) AS new
  WHERE given.id IS NULL AND NOT given.needs_present
  ORDER BY given.place
)
SELECT place::integer AS place, CASE
  WHEN id IS NOT NULL THEN CASE WHEN id IN (SELECT id FROM changed) THEN 'changed' ELSE 'kept' END
  WHEN needs_present THEN 'missing'
  ELSE 'added'
END AS change
FROM given ORDER BY place
