-- Has this transaction's new targets wait for their grid points, as those of one bulk insert do, where others
-- were inserted before it: see website_monitor.start_schedules.
--
-- Parameters: $1 integer  targets inserted by earlier transactions of the same work
SELECT set_config('website_monitor.started', $1::integer::text, true)
