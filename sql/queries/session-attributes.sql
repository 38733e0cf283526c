-- Returns what target_session_attrs asks for, as libpq reads it.
--
-- Returns one row: is_standby boolean, is_read_only boolean (of transactions that say nothing about it)
SELECT pg_catalog.pg_is_in_recovery() AS is_standby,
  pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on' AS is_read_only
