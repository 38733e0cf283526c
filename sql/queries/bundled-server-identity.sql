-- Tells the bundled server from any other, and whether it is in use.
--
-- Returns: data_directory text
--          other_sessions integer, clients connected besides this one
-- Needs a superuser, who alone sees the data directory
SELECT
  current_setting('data_directory') AS data_directory,
  count(*)::integer AS other_sessions
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
