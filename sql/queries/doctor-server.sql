-- Reads facts about the server that the service depends on.
--
-- Returns: version text, version_number integer, clock_ms float8 (since 1970), is_read_only boolean,
--          connections_free integer, without those reserved for superusers
SELECT current_setting('server_version') AS version, current_setting('server_version_num')::integer AS version_number,
  extract(epoch FROM clock_timestamp())::float8 * 1000 AS clock_ms,
  pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS is_read_only,
  (current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
    - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'))::integer AS connections_free
