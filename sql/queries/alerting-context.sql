-- Reads what decides about all alerts: channels, silences, and workers that lost most of their targets at once.
--
-- Parameters: $1 integer  how many targets a worker has lost at least
-- Returns:    one row: now_ms; channels json: those that are enabled; channel_names text[]: of all; silences json: those that are on; lost_workers text[]
-- Index:      none is needed: channels, silences and workers are few; alerts_due for those that are not closed
SELECT
  extract(epoch FROM now())::float8 * 1000 AS now_ms,
  (
    SELECT coalesce(json_agg(json_build_object(
      'id', id::text, 'kind', kind, 'labels', labels, 'name', name,
      'delayMs', extract(epoch FROM delay)::float8 * 1000,
      'reminderMs', extract(epoch FROM reminder)::float8 * 1000,
      'sendsResolved', sends_resolved
    ) ORDER BY id), '[]')
    FROM website_monitor.channels WHERE enabled
  ) AS channels,
  ARRAY(SELECT name FROM website_monitor.channels) AS channel_names,
  (
    SELECT coalesce(json_agg(json_build_object(
      'labels', labels, 'keys', keys, 'everything', everything,
      'untilMs', extract(epoch FROM least(until, now() + interval '1000 d'))::float8 * 1000
    )), '[]')
    FROM website_monitor.silences AS silence, website_monitor.silenced_until(silence, now()) AS until
    WHERE starts_at <= now() AND coalesce(least(ends_at, ended_at), 'infinity') > now() AND until IS NOT NULL
  ) AS silences,
  ARRAY(
    SELECT lost.worker
    FROM (
      SELECT worker, count(*) AS targets FROM website_monitor.alerts
      WHERE state <> 'closed' AND kind = 'down' AND noticed_at > now() - interval '2 min'
      GROUP BY worker
    ) AS lost
    WHERE targets >= $1 AND 2 * targets >= coalesce((
      SELECT max(targets_known) FROM website_monitor.workers
      WHERE workers.name = lost.worker AND seen_at > now() - interval '1 min'), 0)
  ) AS lost_workers
