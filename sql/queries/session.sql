-- Sets what our statements depend on, whatever ALTER DATABASE, ALTER ROLE or the server's configuration have set.
--
-- Sets nothing in a session that a pooler shares: there, pg_backend_pid() differs from the process that the server
-- named when the client connected. Leaves default_transaction_read_only alone: it means that nothing may be written.
--
-- Parameters: $1 text     longest duration of a statement, in ms
--             $2 integer  the client's process; null sets for the current transaction only
--             $3 text     'off' fails statements from which row security would hide rows
-- Returns one row: is_shared boolean: a pooler shares the session
WITH depended_on (name, value) AS (
  VALUES
    ('statement_timeout', $1),
    ('transaction_timeout', '0'),
    ('lock_timeout', '0'),
    ('idle_session_timeout', '0'),
    ('default_transaction_isolation', 'read committed'),
    ('default_transaction_deferrable', 'off'),
    -- How text is read and written
    ('client_encoding', 'UTF8'),
    ('datestyle', 'ISO, MDY'),
    ('intervalstyle', 'postgres'),
    ('timezone', 'UTC'),
    ('timezone_abbreviations', 'Default'),
    ('extra_float_digits', '1'),
    ('bytea_output', 'hex'),
    ('array_nulls', 'on'),
    -- How statements are read and run
    ('search_path', 'pg_catalog, pg_temp'),
    ('standard_conforming_strings', 'on'),
    ('backslash_quote', 'safe_encoding'),
    ('transform_null_equals', 'off'),
    ('quote_all_identifiers', 'off'),
    ('row_security', $3),
    ('exit_on_error', 'off'),
    ('restrict_nonsystem_relation_kind', ''),
    ('plan_cache_mode', 'auto'),
    ('jit', 'off') -- compiling takes longer than our statements
),
applied AS MATERIALIZED (
  SELECT pg_catalog.set_config(name, value, $2::integer IS NULL) FROM depended_on
  WHERE coalesce($2 = pg_catalog.pg_backend_pid(), true)
    AND pg_catalog.current_setting(name, true) IS NOT NULL -- some are newer than the server
)
SELECT coalesce($2 <> pg_catalog.pg_backend_pid(), false) AS is_shared, count(*) AS applied_count FROM applied
