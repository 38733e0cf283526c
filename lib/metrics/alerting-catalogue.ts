import { CHANNEL_KINDS, type ChannelKind } from '../alerting/channel.ts';
import { type MetricEntry, seriesOf } from './metric-entry.ts';

const KINDS = Object.keys(CHANNEL_KINDS) as readonly ChannelKind[];
/** A delivery that is tried again is counted at each attempt. */
const OUTCOMES = ['sent', 'dead', 'waiting'] as const;
export const OPEN_STATES = ['pending', 'held', 'open', 'recovering'] as const;

const DELAY_BUCKETS_S = [0.1, 0.25, 0.5, 1, 1.5, 2, 5, 10, 30, 60, 120, 300, 900, 3_600];

/** The metrics of alerting. Gauges describe the whole database. No channel's name or URL is a label. */
export const ALERTING_METRICS = {
  deliveries: {
    kind: 'counter',
    name: 'website_monitor_alert_deliveries_total',
    unit: 'deliveries',
    meaning:
      'Attempts to deliver news of an alert to a channel, by outcome: `sent`, `dead` (given up), or `waiting` (tried again)',
    series: KINDS.flatMap(kind => OUTCOMES.map(outcome => ({ channel_kind: kind, outcome }))),
  },
  deliveryDelay: {
    kind: 'histogram',
    name: 'website_monitor_alert_delay_seconds',
    unit: 'seconds',
    meaning:
      'Time from recording the check that opened an incident to the acceptance of its alert; of alerts sent together, their mean',
    buckets: DELAY_BUCKETS_S,
  },
  alertsOpen: {
    kind: 'gauge',
    name: 'website_monitor_alerts',
    unit: 'alerts',
    meaning: 'Alerts that are not closed, by state. The same on every worker',
    series: seriesOf('state', OPEN_STATES),
  },
  deliveryOldest: {
    kind: 'gauge',
    name: 'website_monitor_alert_oldest_undelivered_timestamp_seconds',
    unit: 'seconds since 1970',
    meaning: 'When the oldest delivery that waits was made; 0 if none waits. The same on every worker',
  },
  deadLetters: {
    kind: 'gauge',
    name: 'website_monitor_alert_dead_letters',
    unit: 'deliveries',
    meaning: 'Deliveries that were given up, at most 10,000. The same on every worker',
  },
  channelsFailing: {
    kind: 'gauge',
    name: 'website_monitor_channels_failing',
    unit: 'channels',
    meaning:
      'Channels whose last attempt failed, or that were disabled because their receiver is gone. The same on every worker',
  },
  targetsSlow: {
    kind: 'gauge',
    name: 'website_monitor_targets_slow',
    unit: 'targets',
    meaning: 'Targets that are slow, at most 10,000; see `slow_above`. The same on every worker',
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;
