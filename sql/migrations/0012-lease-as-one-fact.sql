-- What the statements that lease and take over both need, so that each fact stands once.

-- How long a batch is leased: the whole timeout for each attempt, slack for time in which the worker is held up,
-- and the margin for recording.
CREATE FUNCTION website_monitor.lease_duration(longest_timeout_ms float8, attempts integer, margin_ms float8)
  RETURNS interval
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (attempts * longest_timeout_ms + least(longest_timeout_ms, 5000) + margin_ms) * interval '1 ms';

-- One leased slot as a worker reads it.
CREATE FUNCTION website_monitor.lease_as_json(
  batch_id bigint, epoch integer, lasts_ms numeric, slot timestamptz, timeout_ms float8, is_down boolean, target json)
  RETURNS json
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN json_build_object(
    'batchId', batch_id::text, 'epoch', epoch, 'lastsMs', lasts_ms,
    'scheduledAt', slot, 'scheduledAtMs', extract(epoch FROM slot) * 1000,
    'timeoutMs', timeout_ms, 'isDown', is_down, 'target', target);
