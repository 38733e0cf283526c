-- PostgreSQL looks the names of types up in a session's temporary schema first, unless that is named last.
-- Whoever may make temporary tables could make a type `timestamptz` there, a domain, whose check a function
-- with the owner's rights would then run with those rights.

ALTER FUNCTION website_monitor.ensure_partitions SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION website_monitor.record_gaps_before SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION website_monitor.stop_schedules SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION website_monitor.start_schedules SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION website_monitor.after_target_insert SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION website_monitor.after_target_update SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION website_monitor.after_target_delete SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION website_monitor.before_target_truncate SET search_path = pg_catalog, pg_temp;
