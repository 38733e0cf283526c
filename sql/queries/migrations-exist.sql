-- Returns: exists boolean, whether this database was ever migrated
SELECT to_regclass('website_monitor.schema_migrations') IS NOT NULL AS exists
