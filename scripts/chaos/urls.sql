-- Which target has, or had, which url: url, "targetId"
SELECT DISTINCT url, target_id::text AS "targetId" FROM chaos.schedules
