import type { AlertKind, News } from '../../alerting/message.ts';
import { reportOf } from '../wording/report.ts';
import { jsonRequest, type Render } from './outgoing.ts';

/** https://developer.pagerduty.com/docs/events-api-v2/trigger-events; an event has 512 kB at most */
const SUMMARY_MAX = 1_024;

/** One event for one alert. A reminder triggers again: PagerDuty adds it to the incident that is open. */
export const pagerduty: Render<'pagerduty'> = (message, { address }) => {
  const [told] = message.told;
  const { title, facts, notes, link } = reportOf({ ...message, told: [told], counts: [] });
  const { target } = told;
  return jsonRequest(address, {
    routing_key: address.routingKey,
    event_action: ACTIONS[told.news],
    dedup_key: `website-monitor-${told.alertId}`,
    client: 'website-monitor',
    ...(link === null ? {} : { client_url: link, links: [{ href: link, text: 'Open in website-monitor' }] }),
    payload: {
      summary: title.slice(0, SUMMARY_MAX),
      source: target?.url ?? 'website-monitor',
      severity: SEVERITIES[told.kind],
      timestamp: new Date(told.sinceMs).toISOString(),
      class: told.cause,
      ...(target?.key ? { component: target.key } : {}),
      custom_details: {
        ...Object.fromEntries(facts.map(({ label, text }) => [label, text])),
        ...(notes.length > 0 ? { Note: notes.join(' ') } : {}),
      },
    },
  });
};

const ACTIONS: Readonly<Record<News, string>> = {
  opened: 'trigger',
  reminder: 'trigger',
  acknowledged: 'acknowledge',
  resolved: 'resolve',
};

const SEVERITIES: Readonly<Record<AlertKind, string>> = {
  down: 'critical',
  unknown: 'error',
  channel: 'error',
  slow: 'warning',
  certificate: 'warning',
  pattern: 'warning',
  test: 'info',
};
