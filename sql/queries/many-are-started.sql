-- Marks this transaction's new targets as part of a larger bulk insert, so that they wait for their grid points
-- instead of all starting at once: see website_monitor.start_schedules.
--
-- Parameters: $1 integer  targets that earlier transactions of the same import inserted
SELECT website_monitor.note_started($1::integer)
