-- Lists the current and former urls of each target: url, "targetId"
SELECT DISTINCT url, target_id::text AS "targetId" FROM chaos.schedules
