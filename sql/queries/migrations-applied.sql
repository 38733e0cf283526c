-- Returns: number, name, checksum of each migration applied, in order
SELECT number, name, checksum FROM website_monitor.schema_migrations ORDER BY number
