-- Creates the schema and the ledger of migrations unless they exist.
DO $$
BEGIN
  -- Checked first: IF NOT EXISTS requires the right to create even if there is nothing to do.
  IF to_regnamespace('website_monitor') IS NULL THEN
    CREATE SCHEMA website_monitor;
  END IF;
  IF to_regclass('website_monitor.schema_migrations') IS NULL THEN
    CREATE TABLE website_monitor.schema_migrations (
      number integer PRIMARY KEY,
      name text NOT NULL,
      checksum text NOT NULL, -- SHA-256 of the file, in hexadecimal
      applied_at timestamptz NOT NULL DEFAULT now()
    );
  END IF;
END
$$
