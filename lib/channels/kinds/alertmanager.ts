import type { AlertKind, Told } from '../../alerting/message.ts';
import { type Report, reportOf } from '../wording/report.ts';
import { safeText } from '../wording/safe-text.ts';
import { authorizationOf, jsonRequest, type Render } from './outgoing.ts';

/**
 * Alertmanager resolves an alert without an end after its `resolve_timeout` (5 min), because Prometheus sends
 * what is still firing again and again. We send news only, so an open alert ends in a year until we say otherwise.
 */
const OPEN_MS = 365 * 86_400_000;

/** `POST /api/v2/alerts`: https://prometheus.io/docs/alerting/latest/alerts_api */
export const alertmanager: Render<'alertmanager'> = (message, { address, secrets }) => {
  const [told] = message.told;
  const report = reportOf({ ...message, told: [told], counts: [] });
  const endsAtMs = told.untilMs ?? message.atMs + OPEN_MS;
  return jsonRequest({ ...address, authorization: authorizationOf(address.authorization, secrets) }, [
    {
      labels: labelsOf(told),
      annotations: annotationsOf(report),
      startsAt: new Date(told.sinceMs).toISOString(),
      // Before its start, an end is refused; clocks of two machines may be the reason.
      endsAt: new Date(Math.max(told.sinceMs, endsAtMs)).toISOString(),
      ...(report.link === null ? {} : { generatorURL: report.link }),
    },
  ]);
};

const NAMES: Readonly<Record<AlertKind, string>> = {
  down: 'WebsiteDown',
  slow: 'WebsiteSlow',
  certificate: 'WebsiteCertificateExpires',
  pattern: 'WebsitePatternSetAside',
  unknown: 'WebsiteNotChecked',
  channel: 'AlertChannelFails',
  test: 'AlertChannelTest',
};

/** They identify the alert: the same from its opening to its end. Empty ones would count as absent. */
function labelsOf({ kind, target, title }: Told): Record<string, string> {
  const own = Object.entries(target?.labels ?? {}).map(([name, value]) => [labelName(name), value]);
  const severity = kind === 'down' ? 'critical' : 'warning';
  const ours = {
    alertname: NAMES[kind],
    source: 'website-monitor',
    target: target?.key ?? target?.id ?? title,
    instance: target?.url ?? '',
  };
  return Object.fromEntries(
    [['severity', severity], ...own, ...Object.entries(ours)]
      .map(([name = '', value = '']) => [name, safeText(value, 500)] as const)
      .filter(([, value]) => value !== ''),
  );
}

/** `[a-zA-Z_][a-zA-Z0-9_]*`: newer versions take others too, but the expressions of users do not. */
const labelName = (name: string): string => name.replace(/\W/g, '_').replace(/^(?=\d)/, '_') || '_';

const annotationsOf = ({ title, facts, notes }: Report): Record<string, string> => ({
  summary: title,
  description: [...facts.map(({ label, text }) => `${label}: ${text}`), ...notes].join('\n'),
});
