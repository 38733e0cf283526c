-- A publication of all tables refuses changes to tables whose rows it cannot identify.
DO $$
DECLARE
  bare regclass;
BEGIN
  FOR bare IN
    SELECT oid FROM pg_catalog.pg_class AS class
    WHERE relnamespace = 'website_monitor'::regnamespace AND relkind IN ('r', 'p') AND relreplident = 'd'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_index WHERE indrelid = class.oid AND indisprimary)
  LOOP
    EXECUTE pg_catalog.format('ALTER TABLE %s REPLICA IDENTITY FULL', bare);
  END LOOP;
END
$$;

-- The database refused to record the check of the slot: a trigger of others, or row security.
ALTER TYPE website_monitor.gap_reason ADD VALUE 'record_refused';
