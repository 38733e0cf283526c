-- Targets as a file has them, in the order of their ids, a page at a time: no transaction stays open while
-- somebody reads the file slowly.
--
-- Parameters: $1 bigint   the last id of the page before; 0 for the first
--             $2 text     only urls that contain it; null = all
--             $3 integer  rows at most
-- Returns:    id, columns json: those that a user may set, secrets included; times in seconds, as in '60 s'
-- Index:      the primary key
SELECT id::text AS id, json_build_object(
  'url', url, 'method', method, 'enabled', enabled,
  'check_interval', extract(epoch FROM check_interval)::float8 || ' s',
  'timeout', extract(epoch FROM timeout)::float8 || ' s',
  'default_headers', default_headers, 'request_body', request_body,
  'basic_auth_user', basic_auth_user, 'basic_auth_password', basic_auth_password, 'bearer_token', bearer_token,
  'accepted_statuses', accepted_statuses, 'max_redirects', max_redirects,
  'regex_pattern', regex_pattern, 'regex_must_match', regex_must_match,
  'max_latency', extract(epoch FROM max_latency)::float8 || ' s',
  'ip_family', ip_family, 'verify_tls', verify_tls,
  'min_certificate_validity', extract(epoch FROM min_certificate_validity)::float8 || ' s'
) AS columns
FROM website_monitor.monitored_targets
WHERE id > $1::bigint AND ($2::text IS NULL OR strpos(lower(url), lower($2::text)) > 0)
ORDER BY id LIMIT $3::integer
