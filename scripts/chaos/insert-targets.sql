-- Parameters: $1 text     under which targets are up, without a slash at its end
--             $2 text     under which they are down: every twentieth
--             $3 integer  how many targets
--             $4, $5 integer  shortest and longest interval in seconds
INSERT INTO website_monitor.monitored_targets (url, check_interval)
SELECT CASE WHEN number % 20 = 0 THEN $2 ELSE $1 END || '/' || gen_random_uuid(),
  ($4::integer + number * 7 % ($5::integer - $4::integer + 1)) * interval '1 s' -- every length as often
FROM generate_series(1, $3::integer) AS number
