import type { ChannelKind } from '../../lib/alerting/channel.ts';
import type { Message } from '../../lib/alerting/message.ts';
import { parseChannelUrl } from '../../lib/channels/address/channel-url.ts';
import type { HttpRequest, Mail, Outgoing, Receiver } from '../../lib/channels/kinds/outgoing.ts';
import { render } from '../../lib/channels/render.ts';

const URLS: Readonly<Record<ChannelKind, string>> = {
  webhook: 'https://example.org/hook',
  email: 'mailto:ops@example.org',
  slack: 'slack://T0/B0/X0',
  discord: 'discord://1/token',
  telegram: 'telegram://1:token/-100',
  teams: 'teams://prod.westeurope.logic.azure.com/workflows/1',
  ntfy: 'ntfy://ntfy.sh/my-topic',
  pagerduty: 'pagerduty://KEY',
  alertmanager: 'alertmanager://alerts.example.org',
  apprise: 'apprise://apprise.example.org/notify/key',
};

/** When the messages of specs are sent: an hour after they were made. */
export const SENT_AT_MS = Date.parse('2026-11-28T16:05:09Z');

const outgoing = (
  kind: ChannelKind,
  message: Message,
  url: string,
  secrets: readonly string[] = [],
  sentAtMs = SENT_AT_MS,
): Outgoing => {
  const parsed = parseChannelUrl(url);
  if (parsed.kind !== kind || parsed.address === null) throw new Error(`${url} is no complete ${kind} URL`);
  const receiver = { channelId: '3', address: parsed.address, secrets } as Receiver<typeof kind>;
  return render(kind, message, receiver, sentAtMs);
};

interface Sending {
  readonly url?: string;
  readonly secrets?: readonly string[];
  readonly sentAtMs?: number;
}

/** The request that a message becomes. */
export const requestOf = (
  kind: Exclude<ChannelKind, 'email'>,
  message: Message,
  { url = URLS[kind], secrets, sentAtMs }: Sending = {},
): HttpRequest => outgoing(kind, message, url, secrets, sentAtMs) as HttpRequest;

/** The body of that request, parsed. */
// biome-ignore lint/suspicious/noExplicitAny: specs look into the JSON of ten receivers
export const bodyOf = (kind: Exclude<ChannelKind, 'email'>, message: Message): any =>
  JSON.parse(requestOf(kind, message).body);

export const mailOf = (message: Message, url = URLS.email): Mail => outgoing('email', message, url) as Mail;
