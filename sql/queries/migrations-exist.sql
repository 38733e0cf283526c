-- Checks whether this database was ever migrated.
--
-- Returns: exists boolean
SELECT to_regclass('website_monitor.schema_migrations') IS NOT NULL AS exists
