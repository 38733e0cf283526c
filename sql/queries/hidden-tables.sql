-- Finds tables of the schedule whose rows row security may hide from this session.
--
-- Returns one row per table: name text
SELECT oid::regclass::text AS name FROM pg_class
WHERE relnamespace = 'website_monitor'::regnamespace AND relkind IN ('r', 'p') AND row_security_active(oid)
  AND relname IN ('monitored_targets', 'target_leases', 'lease_batches')
ORDER BY 1
