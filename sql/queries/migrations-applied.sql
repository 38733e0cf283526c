-- Lists the applied migrations in order.
--
-- Returns: number integer, name text, checksum text
SELECT number, name, checksum FROM website_monitor.schema_migrations ORDER BY number
