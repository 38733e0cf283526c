-- Reads the workers' progress from the service's own tables. Only for waiting; the audit does not rely on it.
--
-- Parameters: $1 text[]       workers
--             $2 timestamptz  since when
-- Returns one row: "lagMs" (age of the oldest slot that is due or leased; 0 = none is due), silent
--             text[] (workers that finished no batch since then), orphans (batches of other workers)
SELECT
  greatest(0, extract(epoch FROM clock_timestamp() - least(
    (SELECT min(next_fire_at) FROM website_monitor.target_leases),
    (SELECT min(leased.slot) FROM website_monitor.lease_batches, unnest(slots) AS leased (slot))
  )) * 1000)::float8 AS "lagMs",
  ARRAY(
    SELECT worker FROM unnest($1::text[]) AS worker
    WHERE NOT EXISTS (
      SELECT FROM chaos.finished_batches AS batch
      WHERE batch.worker = worker.worker AND batch.finished_at > $2)
  ) AS silent,
  (SELECT count(*) FROM website_monitor.lease_batches WHERE worker <> ALL ($1::text[]))::integer AS orphans
