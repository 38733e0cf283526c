-- Functions mean the same in every session, whatever an administrator has set for databases and roles: triggers run
-- in the sessions of those who edit targets.
--
-- Functions without a search_path of their own are single expressions, read when they were created. They stay as they
-- are, since a setting would keep them from being inlined.

DO $$
DECLARE
  known regprocedure;
BEGIN
  FOR known IN
    SELECT oid FROM pg_catalog.pg_proc
    WHERE pronamespace = 'website_monitor'::regnamespace AND 'search_path=pg_catalog, pg_temp' = ANY (proconfig)
  LOOP
    EXECUTE pg_catalog.format('ALTER FUNCTION %1$s SET datestyle = ''ISO, MDY'';
      ALTER FUNCTION %1$s SET intervalstyle = postgres;
      ALTER FUNCTION %1$s SET timezone = ''UTC'';
      ALTER FUNCTION %1$s SET extra_float_digits = 1;
      ALTER FUNCTION %1$s SET array_nulls = on;
      ALTER FUNCTION %1$s SET standard_conforming_strings = on;
      ALTER FUNCTION %1$s SET transform_null_equals = off;
      ALTER FUNCTION %1$s SET quote_all_identifiers = off;', known);
  END LOOP;
END
$$;
