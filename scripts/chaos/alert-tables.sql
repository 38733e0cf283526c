-- What findAlertBreaches reads: see AlertTables. Times are in ms since 1970.
--
-- Parameters: $1 text[]  kinds of channels that are grouped
SELECT
  (SELECT coalesce(json_agg(json_build_object(
     'id', id::text, 'name', name, 'isGrouped', kind = ANY ($1), 'sendsResolved', sends_resolved,
     'createdMs', extract(epoch FROM created_at)::float8 * 1000)), '[]')
   FROM website_monitor.channels) AS channels,
  (SELECT coalesce(json_agg(json_build_object(
     'targetId', target_id::text, 'startedMs', extract(epoch FROM started_at)::float8 * 1000,
     'endedMs', extract(epoch FROM ended_at)::float8 * 1000)), '[]')
   FROM website_monitor.incidents) AS incidents,
  (SELECT coalesce(json_agg(json_build_object(
     'id', id::text, 'kind', kind, 'targetId', target_id::text, 'state', state,
     'startedMs', extract(epoch FROM started_at)::float8 * 1000,
     'openedMs', extract(epoch FROM opened_at)::float8 * 1000,
     'endedMs', extract(epoch FROM ended_at)::float8 * 1000,
     'closedMs', extract(epoch FROM closed_at)::float8 * 1000,
     'ending', ending, 'channels', channels)), '[]')
   FROM website_monitor.alerts) AS alerts,
  (SELECT coalesce(json_agg(json_build_object(
     'id', id::text, 'channelId', channel_id::text, 'alertId', alert_id::text, 'news', news, 'state', state,
     'messageId', message_id, 'mayHaveArrived', may_have_arrived,
     'finishedMs', extract(epoch FROM finished_at)::float8 * 1000)), '[]')
   FROM website_monitor.deliveries) AS deliveries
