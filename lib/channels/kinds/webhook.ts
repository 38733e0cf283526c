import type { Message, Told } from '../../alerting/message.ts';
import { PHASES } from '../../domain/check/answer.ts';
import { causeExplained } from '../wording/cause-name.ts';
import { reportOf } from '../wording/report.ts';
import { jsonRequest, type Render } from './outgoing.ts';
import { sign } from './sign.ts';

/** Signed by Standard Webhooks (https://www.standardwebhooks.com); `docs/schemas/alert.schema.json` is the body's schema. */
export const webhook: Render<'webhook'> = (message, { address, secrets }, sentAtMs) => {
  const { headers, ...request } = jsonRequest(address, payloadOf(message));
  const timestamp = `${Math.floor(sentAtMs / 1_000)}`;
  // While a secret is being replaced there are several, and as many signatures: the receiver accepts any.
  const signatures = secrets.map(secret => sign(secret, message.id, timestamp, request.body));
  return {
    ...request,
    headers: {
      ...headers,
      'webhook-id': message.id,
      'webhook-timestamp': timestamp,
      ...(signatures.length === 0 ? {} : { 'webhook-signature': signatures.join(' ') }),
    },
  };
};

function payloadOf(message: Message) {
  const [told] = message.told;
  const { title, link } = reportOf({ ...message, told: [told], counts: [] });
  const explained = causeExplained(told.cause);
  return {
    type: `alert.${told.news}`,
    timestamp: iso(message.atMs),
    data: {
      alert_id: told.alertId,
      kind: told.kind,
      title,
      channel: message.channel,
      target: told.target,
      name: told.title,
      cause: told.cause,
      explanation: explained?.means ?? null,
      remedy: explained?.remedy ?? null,
      detail: told.detail,
      since: iso(told.sinceMs),
      until: isoOrNull(told.untilMs),
      ending: told.ending,
      opening_was_sent: !told.isWhole,
      incidents: told.incidents,
      last_good_at: isoOrNull(told.lastGoodAtMs),
      check: checkOf(told),
      may_be_our_network: told.mayBeOurNetwork,
      acknowledged_by: told.acknowledgedBy,
      url: link,
    },
  };
}

function checkOf({ check }: Told) {
  if (check === null) return null;
  const phases = PHASES.map(([name, key]) => [`${name}_ms`, milliseconds(check.phases[key])]);
  return {
    http_status: check.httpStatus,
    ...Object.fromEntries(phases),
    total_ms: milliseconds(check.phases.totalUs),
  };
}

const milliseconds = (durationUs: number | null): number | null =>
  durationUs === null ? null : durationUs / 1_000;

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));
