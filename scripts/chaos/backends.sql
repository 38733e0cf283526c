-- Lists the workers' server processes: pid, application_name
SELECT pid, application_name
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND application_name LIKE 'worker-%'
ORDER BY pid
