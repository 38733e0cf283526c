-- The state of a target stands once, in the view target_states, for everything that shows it or acts on it.

-- Slots that were due before this moment should have been leased by now: no worker checks their targets.
CREATE FUNCTION website_monitor.overdue_before() RETURNS timestamptz
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN now() - interval '1 min';

-- The check that shows the state of a target now, if there is one. Slots are at most an interval apart, so a check shows
-- it for one interval and the time in which the next one is recorded. One index lookup: the upper bound excludes the
-- partitions of coming days.
CREATE FUNCTION website_monitor.last_check(target_id bigint, check_interval interval, recorded_within interval)
  RETURNS TABLE (
    scheduled_at timestamptz, started_at timestamptz, outcome website_monitor.check_outcome,
    cause website_monitor.check_cause, http_status smallint, total_us integer, dns_us integer, connect_us integer,
    tls_us integer, ttfb_us integer, transfer_us integer)
  LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
  SELECT result.scheduled_at, result.started_at, result.outcome, result.cause, result.http_status, result.total_us,
    result.dns_us, result.connect_us, result.tls_us, result.ttfb_us, result.transfer_us
  FROM website_monitor.check_results AS result
  WHERE result.target_id = last_check.target_id
    AND result.scheduled_at BETWEEN now() - last_check.check_interval - last_check.recorded_within AND now()
  ORDER BY result.scheduled_at DESC LIMIT 1;
END;

-- The state of a target. Only a check proves that a target is up, and an open incident outlasts checks that are unknown.
-- Without an incident, a check that is down still counts: the incident was locked when it was to be opened.
CREATE FUNCTION website_monitor.target_state(
  enabled boolean, is_overdue boolean, last_outcome website_monitor.check_outcome, is_incident_open boolean)
  RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN NOT enabled THEN 'disabled'
    WHEN is_overdue OR last_outcome IS NULL THEN 'unknown'
    WHEN is_incident_open THEN 'down'
    ELSE last_outcome::text
  END;

CREATE VIEW website_monitor.target_states AS
SELECT target.id AS target_id, judged.state,
  CASE
    WHEN judged.state = 'disabled' THEN target.updated_at
    WHEN overdue.is_overdue THEN lease.next_fire_at
    WHEN judged.state = 'down' THEN coalesce(incident.started_at, last.scheduled_at)
    -- Neither a pause nor the time before an edit counts as up
    WHEN judged.state = 'up' THEN greatest(target.updated_at, (
      SELECT former.ended_at FROM website_monitor.incidents AS former
      WHERE former.target_id = target.id ORDER BY former.started_at DESC LIMIT 1))
    WHEN last.outcome IS NOT NULL THEN last.scheduled_at
    ELSE coalesce((
      SELECT former.scheduled_at FROM website_monitor.check_results AS former
      WHERE former.target_id = target.id AND former.scheduled_at BETWEEN target.updated_at AND now()
      ORDER BY former.scheduled_at DESC LIMIT 1), target.updated_at)
  END AS since,
  overdue.is_overdue, last.scheduled_at AS last_check_at, last.http_status, last.total_us,
  coalesce(last.cause, CASE WHEN judged.state = 'down' THEN incident.cause END) AS cause
FROM website_monitor.monitored_targets AS target
LEFT JOIN website_monitor.target_leases AS lease ON lease.monitored_target_id = target.id
LEFT JOIN website_monitor.incidents AS incident ON incident.target_id = target.id AND incident.ended_at IS NULL
CROSS JOIN LATERAL (
  SELECT lease.next_fire_at < website_monitor.overdue_before() IS TRUE AS is_overdue
) AS overdue
-- Long enough for two checks of two attempts each, where one has kept the next from running
LEFT JOIN LATERAL (
  SELECT * FROM website_monitor.last_check(
    target.id, lease.check_interval, greatest(4 * target.timeout, interval '2 min'))
  WHERE NOT overdue.is_overdue
) AS last ON true
CROSS JOIN LATERAL (
  SELECT website_monitor.target_state(target.enabled, overdue.is_overdue, last.outcome, incident.target_id IS NOT NULL)
    AS state
) AS judged;

-- Readable for those who read targets
DO $$
DECLARE
  reader text;
BEGIN
  FOR reader IN
    SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END
    FROM pg_catalog.pg_class, pg_catalog.aclexplode(relacl)
    WHERE oid = 'website_monitor.targets'::regclass AND privilege_type = 'SELECT' AND grantee <> relowner
  LOOP
    EXECUTE pg_catalog.format('GRANT SELECT ON website_monitor.target_states TO %s', reader);
  END LOOP;
END
$$;
