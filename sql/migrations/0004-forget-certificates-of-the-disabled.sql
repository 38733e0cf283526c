-- A target that is disabled is not looked at, so its certificate would seem to expire whether or not it is
-- renewed, and the metric of the earliest expiry of all would tell of it for ever.

-- Ends the schedule of the targets named.
CREATE OR REPLACE FUNCTION website_monitor.stop_schedules(target_ids bigint[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- The lock first: a lease under way may be moving next_fire_at, and what it leased is no gap.
  PERFORM FROM website_monitor.target_leases WHERE monitored_target_id = ANY (target_ids) FOR UPDATE;
  PERFORM website_monitor.record_gaps_before(clock_timestamp(), target_ids);
  DELETE FROM website_monitor.target_leases WHERE monitored_target_id = ANY (target_ids);
  UPDATE website_monitor.incidents SET ended_at = greatest(started_at, clock_timestamp())
  WHERE target_id = ANY (target_ids) AND ended_at IS NULL;
  DELETE FROM website_monitor.target_certificates WHERE target_id = ANY (target_ids);
END
$$;

DELETE FROM website_monitor.target_certificates AS certificate
WHERE NOT EXISTS (
  SELECT FROM website_monitor.target_leases WHERE monitored_target_id = certificate.target_id);
