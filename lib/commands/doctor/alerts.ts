import { shownChannelUrl } from '../../channels/address/shown-channel-url.ts';
import { cleanDetail } from '../../domain/clean-text.ts';
import { channelsToSendTo, type ListedChannel, listChannels } from '../../postgres/channels/channels.ts';
import { sendTests, type Tested } from '../channels/send-test.ts';
import { agoText, countText } from '../text-tables.ts';
import type { Examination, Finding } from './finding.ts';

/** Looks for what keeps alerts from arriving, the worst first. */
export async function checkAlerts({ database, config }: Examination): Promise<Finding> {
  const channels = await listChannels(database);
  const enabled = channels.filter(channel => channel.enabled);
  const trouble =
    noChannel(channels, enabled) ??
    (config.smtpUrl === null ? noMailServer(enabled) : null) ??
    failing(channels) ??
    deadLetters(channels);
  if (trouble !== null) return { name: 'alerts', level: 'warn', ...trouble };
  const waiting = enabled.reduce((sum, channel) => sum + channel.waiting, 0);
  const count = `${countText(enabled.length)} channel${enabled.length === 1 ? '' : 's'}`;
  const says = waiting === 0 ? `${count}, and nothing waits` : `${count}; waiting: ${countText(waiting)}`;
  return { name: 'alerts', level: 'ok', says };
}

type Trouble = Pick<Finding, 'says' | 'remedy'>;

function noChannel(channels: readonly ListedChannel[], enabled: readonly ListedChannel[]): Trouble | null {
  if (enabled.length > 0) return null;
  return channels.length === 0
    ? {
        says: 'there is no channel, so no alerts are sent',
        remedy: 'run website-monitor channels add NAME URL, or start the service with --alert URL',
      }
    : {
        says: `every channel is disabled, so no alerts are sent${because(channels.find(({ problem }) => problem))}`,
        remedy: 'run website-monitor channels enable NAME',
      };
}

function noMailServer(enabled: readonly ListedChannel[]): Trouble | null {
  const mailbox = enabled.find(({ kind }) => kind === 'email');
  if (mailbox === undefined) return null;
  return {
    says: `channel ${mailbox.name} needs --smtp-url, which is not set here`,
    remedy: 'set WEBSITE_MONITOR_SMTP_URL for the service, and for doctor',
  };
}

/** Also those that the service has disabled. */
function failing(channels: readonly ListedChannel[]): Trouble | null {
  const all = channels.filter(({ state, problem }) => state === 'failing' || problem !== null);
  const [first] = all;
  if (first === undefined) return null;
  const what =
    first.state === 'failing'
      ? `channel ${first.name} has been failing for ${agoText(first.failingS ?? 0)}`
      : `channel ${first.name} was disabled by the service`;
  const more = all.length > 1 ? `; ${countText(all.length - 1)} more` : '';
  return {
    says: `${what}${because(first)}${more}`,
    remedy: `run website-monitor channels show ${first.name}`,
  };
}

function deadLetters(channels: readonly ListedChannel[]): Trouble | null {
  const worst = channels.toSorted((one, other) => other.dead - one.dead)[0];
  if (worst === undefined || worst.dead === 0) return null;
  return {
    says: `channel ${worst.name} has ${countText(worst.dead)} dead letter${worst.dead === 1 ? '' : 's'}: given up, and never sent`,
    remedy: `run website-monitor channels show ${worst.name} for the reasons, then channels resend ${worst.name}`,
  };
}

const because = (channel: ListedChannel | undefined): string =>
  channel?.problem ? `: ${cleanDetail(channel.problem)}` : '';

/** Sends a test message to each enabled channel. */
export async function* testChannels(examination: Examination): AsyncGenerator<Finding> {
  const channels = await channelsToSendTo(examination.database, null);
  for await (const tested of sendTests(channels, examination)) yield testFinding(tested);
}

function testFinding({ channel: { name: channelName, url }, sent, afterMs }: Tested): Finding {
  const name = 'channel';
  const to = `${channelName} (${shownChannelUrl(url)})`;
  if (sent.kind === 'accepted')
    return { name, level: 'ok', says: `${to} accepted a test message after ${afterMs} ms` };
  return {
    name,
    level: 'fail',
    says: `${to} did not accept a test message: ${sent.problem}`,
    remedy: `correct it with website-monitor channels edit ${channelName}; docs/ALERTS.md explains each kind`,
  };
}
