-- Reads the current state of enabled targets, for their metrics.
--
-- Parameters: $1 bigint[]  first id of each range
--             $2 bigint[]  last id of each range; ranges must not overlap
--             $3 boolean   only targets that are down
--             $4 integer   maximum number of targets
--             $5 float8    default timeout in ms, for targets without one
--             $6 integer   attempts that a check may take
--             $7 float8    margin in ms: a check is recorded within $6 × its timeout + this
-- Returns one row per target: id text, url text, down_since_s float8, certificate_expires_s float8, and of the
--             check of its last slot: outcome text (null = not recorded), started_s float8, http_status, total_us,
--             dns_us, connect_us, tls_us, ttfb_us, transfer_us
-- Indexes:    the primary keys of target_leases, monitored_targets and target_certificates, incidents_open, and the
--             primary keys of the one or two partitions of check_results that an interval spans.
--             OFFSET 0 forces one index lookup per target, whatever the planner estimates.
-- Locks:      none
WITH chosen AS MATERIALIZED (
  SELECT target_id
  FROM unnest($1::bigint[], $2::bigint[]) AS range (first_id, last_id)
  CROSS JOIN LATERAL (
    (
      SELECT monitored_target_id AS target_id FROM website_monitor.target_leases
      WHERE NOT $3::boolean AND monitored_target_id BETWEEN first_id AND last_id
      ORDER BY monitored_target_id LIMIT $4::integer
    ) UNION ALL (
      SELECT target_id FROM website_monitor.incidents
      WHERE $3::boolean AND ended_at IS NULL AND target_id BETWEEN first_id AND last_id
      ORDER BY target_id LIMIT $4::integer
    )
  ) AS found
  LIMIT $4::integer
)
SELECT target.id::text, target.url, last_check.*,
  (SELECT extract(epoch FROM started_at)::float8 FROM website_monitor.incidents AS incident
   WHERE incident.target_id = target.id AND ended_at IS NULL) AS down_since_s,
  (SELECT extract(epoch FROM expires_at)::float8 FROM website_monitor.target_certificates AS certificate
   WHERE certificate.target_id = target.id) AS certificate_expires_s
FROM chosen
CROSS JOIN LATERAL (
  SELECT id, url, coalesce(timeout, $5::float8 * interval '1 ms') * $6::integer + $7::float8 * interval '1 ms' AS recorded_within
  FROM website_monitor.monitored_targets WHERE id = target_id OFFSET 0
) AS target
CROSS JOIN LATERAL (
  SELECT check_interval FROM website_monitor.target_leases WHERE monitored_target_id = target_id OFFSET 0
) AS schedule
LEFT JOIN LATERAL (
  SELECT outcome::text, extract(epoch FROM started_at)::float8 AS started_s, http_status,
    total_us, dns_us, connect_us, tls_us, ttfb_us, transfer_us
  FROM website_monitor.last_check(chosen.target_id, check_interval, recorded_within)
) AS last_check ON true
