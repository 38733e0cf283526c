-- Asks whether alerting has nothing to do at the moment, and ends the pauses of channels that failed.
--
-- Returns: settled boolean
WITH hurried AS (
  UPDATE website_monitor.channel_queues SET not_before = now() WHERE failures > 0 AND not_before > now()
)
SELECT NOT EXISTS (SELECT FROM website_monitor.alert_events)
  AND NOT EXISTS (SELECT FROM website_monitor.deliveries WHERE state = 'waiting')
  AND NOT EXISTS (SELECT FROM website_monitor.alerts WHERE state = 'pending') AS settled,
  pg_notify('website_monitor', 'alerts')
