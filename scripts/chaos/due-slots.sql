-- Fills chaos.due with every slot that fell due, from chaos.schedules and the definition of the grid. Does not rely
-- on what the service records about its own progress.
--
-- Parameters: $1 timestamptz  slots before it
WITH schedule AS (
  SELECT *, website_monitor.grid_origin(target_id, check_interval) AS grid_origin,
    least($1, lead(since) OVER (PARTITION BY target_id ORDER BY since)) AS ended_at
  FROM chaos.schedules
)
INSERT INTO chaos.due
SELECT target_id, first_slot FROM schedule
WHERE is_due AND first_slot < ended_at
UNION
SELECT target_id, slot
FROM schedule, generate_series(
  date_bin(check_interval, first_slot, grid_origin) + check_interval,
  ended_at - interval '1 us', check_interval) AS slot
WHERE is_due
