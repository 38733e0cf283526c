-- Rolling up, making partitions and dropping them take turns by locking a row, which needs the right to update it. Any
-- session could hold the advisory locks of before, and so keep all of them from running.
DO $$
DECLARE
  routine record;
  body text;
BEGIN
  FOR routine IN
    SELECT * FROM (VALUES
      ('roll_up(interval)', 'rollup_progress', 'size = ''check'''),
      ('drop_old_partition(integer)', 'rollup_progress', 'size = ''check'''),
      ('ensure_partitions(integer)', 'partitioned_tables', 'parent = ''check_results''')
    ) AS known (name, relation, condition)
  LOOP
    body := pg_catalog.pg_get_functiondef(('website_monitor.' || routine.name)::regprocedure);
    EXECUTE pg_catalog.regexp_replace(body,
      '(pg_catalog\.)?pg_try_advisory_xact_lock\((pg_catalog\.)?hashtext\([^)]*\)\)',
      pg_catalog.format('EXISTS (SELECT FROM website_monitor.%s WHERE %s FOR UPDATE SKIP LOCKED)',
        routine.relation, routine.condition));
  END LOOP;
END
$$;
