-- Reads what scripts/history/find-breaches.ts needs, in one snapshot. For test runs: it reads every row.
--
-- Returns:    one row: results, gaps, open_batches, schedules; each is json, as scripts/history/tables.ts
--             describes it. Slots are in microseconds since 1970.
-- Indexes:    none
-- Locks:      none
SELECT
  (
    SELECT coalesce(json_agg(json_build_object(
      'targetId', target_id::text, 'slotUs', (extract(epoch FROM scheduled_at) * 1000000)::bigint,
      'startedAtMs', extract(epoch FROM started_at) * 1000, 'totalUs', total_us,
      'outcome', outcome, 'cause', cause)), '[]')
    FROM website_monitor.check_results
  ) AS results,
  (
    SELECT coalesce(json_agg(json_build_object(
      'targetId', target_id::text, 'firstUs', (extract(epoch FROM first_slot) * 1000000)::bigint,
      'lastUs', (extract(epoch FROM last_slot) * 1000000)::bigint, 'slots', slots, 'reason', reason)), '[]')
    FROM website_monitor.check_gaps
  ) AS gaps,
  (
    SELECT coalesce(json_agg(json_build_object(
      'batchId', batch_id::text, 'epoch', epoch, 'slots', (
        SELECT json_agg(json_build_object(
          'targetId', target_id::text, 'slotUs', (extract(epoch FROM slot) * 1000000)::bigint))
        FROM unnest(target_ids, slots) AS leased (target_id, slot)
      ))), '[]')
    FROM website_monitor.lease_batches
  ) AS open_batches,
  (
    SELECT coalesce(json_agg(json_build_object(
      'targetId', target.id::text,
      'intervalUs', (extract(epoch FROM lease.check_interval) * 1000000)::bigint,
      'gridOriginUs', (extract(epoch FROM lease.grid_origin) * 1000000)::bigint,
      'sinceUs', (extract(epoch FROM CASE WHEN target.version = 1 THEN target.created_at ELSE target.updated_at END)
        * 1000000)::bigint,
      'nextUs', (extract(epoch FROM lease.next_fire_at) * 1000000)::bigint)), '[]')
    FROM website_monitor.target_leases AS lease
    JOIN website_monitor.monitored_targets AS target ON target.id = lease.monitored_target_id
  ) AS schedules
