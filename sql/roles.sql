-- Creates roles that give each part of website-monitor only the rights it needs. PostgreSQL 14 or newer.
--
--   psql "$DSN_OF_AN_ADMINISTRATOR" -v ON_ERROR_STOP=1 -f sql/roles.sql
--
-- Idempotent. Run it in the service's database, as a superuser, or as a role that has CREATEROLE, may create
-- schemas in the database, and is a member of the schema's owner if the schema exists. Run it after each
-- migration: until then only the owner can use new objects. Run it before the first migration too if a login
-- of website_monitor_owner is to create the schema.
--
-- The roles are groups without a login. Grant them to as many logins as you like:
--
--   CREATE ROLE deployer LOGIN PASSWORD '…' IN ROLE website_monitor_owner;
--   ALTER ROLE deployer SET role = 'website_monitor_owner'; -- so that the group owns what it creates
--   CREATE ROLE monitor LOGIN PASSWORD '…' IN ROLE website_monitor_worker;
--   CREATE ROLE dashboard LOGIN PASSWORD '…' IN ROLE website_monitor_reader;
--   CREATE ROLE admin_page LOGIN PASSWORD '…' IN ROLE website_monitor_editor;
--
--   owner   creates and migrates the schema: npm run migrate -- --dsn …
--   worker  runs the service with --no-migrate, or without while no migration is pending. Reads the targets with
--           all their credentials, but changes only what it records about patterns, so it rejects URLs on
--           its command line, and an --alert that no channel has
--   reader  reads results, gaps, rollups, incidents, failures, certificates, alerts, silences, workers, and the view
--           website_monitor.targets, which has no headers, bodies, credentials or url queries
--   editor  reads, adds, edits and deletes targets and channels, with their credentials, and silences; reads and
--           acknowledges alerts; asks for checks; nothing else
--
-- The role that runs this becomes a member of website_monitor_owner, which then owns the schema and its contents. So
-- does a role that owned any of it before: its running workers keep their rights. Once they run as a member of
-- website_monitor_worker, take the rest away: REVOKE website_monitor_owner FROM …

BEGIN;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
    'website_monitor_owner', 'website_monitor_worker', 'website_monitor_reader', 'website_monitor_editor']
  LOOP
    IF to_regrole(name) IS NULL THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', name);
    END IF;
  END LOOP;
  IF NOT pg_has_role('website_monitor_owner', 'USAGE') THEN
    EXECUTE format('GRANT website_monitor_owner TO %I', current_user);
  END IF;
END
$$;

DO $$
DECLARE
  change text;
  former regrole;
BEGIN
  IF to_regnamespace('website_monitor') IS NULL THEN
    CREATE SCHEMA website_monitor AUTHORIZATION website_monitor_owner;
  END IF;
  FOR former IN
    SELECT nspowner FROM pg_namespace WHERE nspname = 'website_monitor'
    UNION SELECT relowner FROM pg_class WHERE relnamespace = 'website_monitor'::regnamespace
    UNION SELECT proowner FROM pg_proc WHERE pronamespace = 'website_monitor'::regnamespace
  LOOP
    CONTINUE WHEN pg_has_role(former, 'website_monitor_owner', 'USAGE');
    EXECUTE format('GRANT website_monitor_owner TO %s', former);
    IF NOT pg_has_role(former, 'website_monitor_owner', 'USAGE') THEN
      RAISE EXCEPTION 'workers that run as % would lose their rights, because it does not inherit those of its groups', former
        USING HINT = format('Run ALTER ROLE %s INHERIT first, or stop these workers and start them with a login of '
          'website_monitor_worker.', former);
    END IF;
  END LOOP;
  FOR change IN
    WITH object AS (
      SELECT 1 AS turn, 'SCHEMA' AS kind, oid::regnamespace::text AS name, nspowner AS owner
      FROM pg_namespace WHERE nspname = 'website_monitor'
      UNION ALL
      -- Indexes, sequences and the like follow their table.
      SELECT 2, CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, oid::regclass::text, relowner
      FROM pg_class WHERE relnamespace = 'website_monitor'::regnamespace AND relkind IN ('r', 'p', 'v')
      UNION ALL
      SELECT 2, 'ROUTINE', oid::regprocedure::text, proowner
      FROM pg_proc WHERE pronamespace = 'website_monitor'::regnamespace
      UNION ALL
      SELECT 2, 'TYPE', oid::regtype::text, typowner
      FROM pg_type WHERE typnamespace = 'website_monitor'::regnamespace AND typtype = 'e'
    )
    SELECT format('ALTER %s %s OWNER TO website_monitor_owner', kind, name)
    FROM object WHERE owner <> 'website_monitor_owner'::regrole ORDER BY turn
  LOOP
    EXECUTE change;
  END LOOP;
END
$$;

SET LOCAL ROLE website_monitor_owner;

GRANT USAGE ON SCHEMA website_monitor
TO website_monitor_worker, website_monitor_reader, website_monitor_editor;

DO $$
DECLARE
  needed record;
BEGIN
  FOR needed IN
    SELECT * FROM (VALUES
      ('worker', 'SELECT', 'schema_migrations'),
      ('worker', 'SELECT, UPDATE (regex_breaches, regex_problem)', 'monitored_targets'),
      ('worker', 'SELECT, UPDATE (next_fire_at)', 'target_leases'),
      ('worker', 'SELECT, INSERT, UPDATE, DELETE', 'lease_batches'),
      ('worker', 'SELECT, INSERT', 'check_results'),
      ('worker', 'SELECT, INSERT', 'check_gaps'),
      ('worker', 'INSERT', 'failure_log'),
      ('worker', 'INSERT', 'rollup_dirty'),
      ('worker', 'SELECT, INSERT, UPDATE (ended_at)', 'incidents'),
      ('worker', 'SELECT, INSERT, UPDATE', 'target_certificates'),
      ('worker', 'SELECT, UPDATE (enabled, problem)', 'channels'),
      ('worker', 'SELECT, UPDATE', 'channel_queues'),
      ('worker', 'SELECT, UPDATE', 'alerting_turn'),
      ('worker', 'SELECT, DELETE', 'alert_events'),
      ('worker', 'SELECT, INSERT, UPDATE, DELETE', 'conditions'),
      ('worker', 'SELECT, UPDATE', 'upkeep_turns'),
      ('worker', 'SELECT, INSERT, DELETE', 'unknown_targets'),
      ('worker', 'SELECT, INSERT, UPDATE, DELETE', 'alerts'),
      ('worker', 'SELECT, INSERT, UPDATE, DELETE', 'deliveries'),
      ('worker', 'SELECT, INSERT, UPDATE, DELETE', 'workers'),
      ('reader', 'SELECT', 'check_results'),
      ('reader', 'SELECT', 'check_gaps'),
      ('reader', 'SELECT', 'failure_log'),
      ('reader', 'SELECT', 'incidents'),
      ('reader', 'SELECT', 'target_certificates'),
      ('reader', 'SELECT', 'targets'),
      ('reader', 'SELECT', 'target_states'),
      ('reader', 'SELECT', 'conditions'),
      ('reader', 'SELECT', 'alerts'),
      ('reader', 'SELECT', 'workers'),
      ('reader', 'SELECT', 'rollups_minute'),
      ('reader', 'SELECT', 'rollups_hour'),
      ('reader', 'SELECT', 'rollups_day'),
      ('reader', 'SELECT', 'rollups_month'),
      ('reader', 'SELECT', 'rollup_progress'),
      ('reader', 'SELECT', 'uptime_24h'),
      ('reader', 'SELECT', 'uptime_7d'),
      ('reader', 'SELECT', 'uptime_30d'),
      ('reader', 'SELECT', 'uptime_365d'),
      ('reader', 'SELECT', 'latency_24h'),
      ('reader', 'SELECT', 'latency_7d'),
      ('reader', 'SELECT', 'latency_30d'),
      ('reader', 'SELECT', 'latency_365d'),
      ('editor', 'SELECT, INSERT, UPDATE, DELETE', 'monitored_targets'),
      ('worker', 'SELECT', 'silences'),
      ('reader', 'SELECT', 'silences'),
      ('editor', 'SELECT, INSERT, UPDATE, DELETE', 'silences'),
      ('worker', 'SELECT', 'maintenance_occurrences'),
      ('reader', 'SELECT', 'maintenance_occurrences'),
      ('worker', 'SELECT', 'maintenance_days'),
      ('reader', 'SELECT', 'maintenance_days'),
      ('editor', 'SELECT, INSERT, UPDATE, DELETE', 'channels'),
      ('editor', 'SELECT', 'channel_queues'),
      ('editor', 'SELECT', 'alerts'),
      ('editor', 'SELECT', 'deliveries'),
      ('editor', 'SELECT', 'incidents'),
      ('editor', 'SELECT', 'conditions')
    ) AS needed (part, rights, relation)
    WHERE to_regclass('website_monitor.' || relation) IS NOT NULL
  LOOP
    EXECUTE format('GRANT %s ON website_monitor.%I TO %I',
      needed.rights, needed.relation, 'website_monitor_' || needed.part);
  END LOOP;
  FOR needed IN
    SELECT * FROM (VALUES
      ('worker', 'ensure_partitions'), ('worker', 'roll_up'), ('worker', 'drop_old_partition'),
      ('worker', 'follow_clock_back'), ('worker', 'count_maintenance'), ('worker', 'check_now'), ('editor', 'check_now'),
      ('worker', 'failure_found'), ('editor', 'acknowledge_alerts'), ('editor', 'resend_deliveries')
    ) AS needed (part, routine)
    WHERE to_regproc('website_monitor.' || routine) IS NOT NULL
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION website_monitor.%I FROM PUBLIC', needed.routine);
    EXECUTE format('GRANT EXECUTE ON FUNCTION website_monitor.%I TO %I',
      needed.routine, 'website_monitor_' || needed.part);
  END LOOP;
END
$$;

COMMIT;
