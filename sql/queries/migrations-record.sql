-- Parameters: $1 integer number, $2 text name, $3 text checksum of a migration just applied
INSERT INTO website_monitor.schema_migrations (number, name, checksum) VALUES ($1, $2, $3)
