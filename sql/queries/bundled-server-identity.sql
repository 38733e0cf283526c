-- Identifies the bundled server by its data directory, and counts its other clients.
--
-- Returns: data_directory text, which only a superuser may read
--          other_sessions integer, clients connected besides this one
SELECT
  current_setting('data_directory') AS data_directory,
  count(*)::integer AS other_sessions
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
