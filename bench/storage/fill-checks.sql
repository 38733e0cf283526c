-- Inserts two hours of checks of targets at 60 s, in due order, with every phase filled; one in a hundred is down.
-- Latencies are log-normal around 30 to 300 ms, depending on the target.
--
-- Parameters: $1 integer  targets
INSERT INTO website_monitor.check_results (target_id, scheduled_at, started_at, outcome, target_version,
  total_us, dns_us, connect_us, tls_us, ttfb_us, transfer_us, cause, http_status, body_cut)
SELECT target_id, slot, slot + interval '3 ms', CASE WHEN is_down THEN 'down' ELSE 'up' END::website_monitor.check_outcome, 1,
  total_us, 1234, 9800, 20400, 12000, 100, CASE WHEN is_down THEN 'http_status' END::website_monitor.check_cause,
  CASE WHEN is_down THEN 503 ELSE 200 END, false
FROM (
  SELECT target_id, minute + target_id * (interval '1 min' / $1::integer) AS slot, random() < 0.01 AS is_down,
    (1000 * (30 + target_id % 10 * 30) * exp(0.5 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())))::integer AS total_us
  FROM generate_series(date_trunc('hour', now(), 'UTC') - interval '2 h', date_trunc('hour', now(), 'UTC') - interval '1 min', '1 min') AS minute,
    generate_series(1, $1::integer) AS target_id
) AS slots
ORDER BY slot
