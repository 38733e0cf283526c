-- Records an applied migration.
--
-- Parameters: $1 integer number, $2 text name, $3 text checksum
INSERT INTO website_monitor.schema_migrations (number, name, checksum) VALUES ($1, $2, $3)
