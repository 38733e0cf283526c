import type { ChannelKind } from '../alerting/channel.ts';
import type { Message } from '../alerting/message.ts';
import { alertmanager } from './kinds/alertmanager.ts';
import { apprise } from './kinds/apprise.ts';
import { discord } from './kinds/discord.ts';
import { email } from './kinds/email.ts';
import { ntfy } from './kinds/ntfy.ts';
import type { Outgoing, Receiver, Render } from './kinds/outgoing.ts';
import { pagerduty } from './kinds/pagerduty.ts';
import { slack } from './kinds/slack.ts';
import { teams } from './kinds/teams.ts';
import { telegram } from './kinds/telegram.ts';
import { webhook } from './kinds/webhook.ts';

const KINDS: { readonly [Kind in ChannelKind]: Render<Kind> } = {
  webhook,
  email,
  slack,
  discord,
  telegram,
  teams,
  ntfy,
  pagerduty,
  alertmanager,
  apprise,
};

/** Puts a message into the form of its receiver. */
export const render = <Kind extends ChannelKind>(
  kind: Kind,
  message: Message,
  receiver: Receiver<Kind>,
  sentAtMs: number,
): Outgoing => KINDS[kind](message, receiver, sentAtMs);
