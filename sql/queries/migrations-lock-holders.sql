-- Finds the sessions that keep us from migrating.
--
-- Returns one row per session: pid integer, application_name text (null without the right to see it)
SELECT DISTINCT pid, application_name FROM pg_locks LEFT JOIN pg_stat_activity USING (pid)
WHERE relation = to_regclass('website_monitor.schema_migrations') AND granted
  AND mode NOT IN ('AccessShareLock', 'RowShareLock') AND pid <> pg_backend_pid()
ORDER BY pid
