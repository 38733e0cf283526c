import { alertIds, channel, connection, namedChannels, ofService, options } from '../parts.ts';
import { type AboutCommand, aName, none, STARTS_SERVER, words } from './about-command.ts';

const channelNames = words('names', 'a NAME', 1);

/** The settings of the service that decide how a message is sent. */
const sending = ofService('smtpUrl', 'privateChannels', 'secretsFolder');

const NOT_FOUND = 'Exits with 1 if a channel is not found.';

/** Where alerts go, and what became of them. */
export const ALERTING_COMMANDS = {
  'channels add': {
    usage: 'NAME URL',
    does: 'Adds a channel, or updates the one of that name',
    more: `The URL's scheme or host says the kind of receiver; docs/ALERTS.md lists them. If the URL is a secret, give - to read it from standard input, or a reference, as in slack://\${env:WEBSITE_MONITOR_SECRET_SLACK}. With --label, the channel gets alerts of targets that have all labels given, otherwise of all. Settings without a flag keep their current value, or get the default on a new channel. A disabled channel is enabled. Messages show times in --time-zone. ${STARTS_SERVER}`,
    words: words('nameAndUrl', 'NAME and URL', 2, 2),
    takes: [connection, ofService('migrate'), channel, options('json')],
    examples: [
      'website-monitor channels add ops https://example.org/hook --label team=web',
      'website-monitor channels add boss mailto:b@example.org --delay 30m',
    ],
  },
  'channels list': {
    usage: '',
    does: 'Lists channels, without secrets',
    more: '',
    words: none,
    takes: [connection, options('json')],
    examples: ['website-monitor channels list'],
  },
  'channels show': {
    usage: 'NAME',
    does: 'Shows all about one channel: state, settings, what it was not sent and why',
    more: NOT_FOUND,
    words: aName,
    takes: [connection, options('json'), namedChannels],
    examples: ['website-monitor channels show ops'],
  },
  'channels test': {
    usage: 'NAME …',
    does: 'Sends a test message at once, and shows what became of it',
    more: 'Pass the same --smtp-url, --allow-private-channels and --secrets-folder as for the service. Exits with 1 if a receiver does not accept it.',
    words: channelNames,
    takes: [connection, sending, options('json'), namedChannels],
    examples: ['website-monitor channels test ops'],
  },
  'channels edit': {
    usage: 'NAME [URL]',
    does: 'Changes a channel',
    more: `Settings without a flag keep their current value. --everything removes its labels. After a new URL or secret, what waits is tried again at once. ${NOT_FOUND}`,
    words: words('nameAndUrl', 'NAME, and a URL if it is a new one', 1, 2),
    takes: [connection, channel, options('json')],
    examples: ['website-monitor channels edit ops --reminder none --no-resolved'],
  },
  'channels enable': {
    usage: 'NAME …',
    does: 'Sends to channels again, also what has waited for up to a day',
    more: NOT_FOUND,
    words: channelNames,
    takes: [connection, options('json'), namedChannels],
    examples: ['website-monitor channels enable ops'],
  },
  'channels disable': {
    usage: 'NAME …',
    does: 'Sends nothing to channels until they are enabled',
    more: NOT_FOUND,
    words: channelNames,
    takes: [connection, options('json'), namedChannels],
    examples: ['website-monitor channels disable ops'],
  },
  'channels remove': {
    usage: 'NAME …',
    does: 'Removes channels, and drops what waits for them',
    more: NOT_FOUND,
    words: channelNames,
    takes: [connection, options('json'), namedChannels],
    examples: ['website-monitor channels remove ops'],
  },
  'channels resend': {
    usage: 'NAME …',
    does: 'Sends again what was given up (dead letters)',
    more: NOT_FOUND,
    words: channelNames,
    takes: [connection, options('json'), namedChannels],
    examples: ['website-monitor channels resend ops'],
  },
  'alerts list': {
    usage: '',
    does: 'Lists alerts that are not over, the newest first',
    more: 'At most 1,000.',
    words: none,
    takes: [connection, options('withLabels', 'closedToo', 'json')],
    examples: ['website-monitor alerts list --all --label team=web'],
  },
  'alerts show': {
    usage: 'ID',
    does: 'Shows one alert: what happened when, and what was sent to whom',
    more: 'Exits with 1 if the alert is not found.',
    words: words('alerts', 'one ID', 1, 1),
    takes: [connection, options('json'), alertIds],
    examples: ['website-monitor alerts show 42'],
  },
  'alerts acknowledge': {
    usage: 'ID …',
    does: 'Acknowledges alerts: no more reminders, nor messages to delayed channels',
    more: 'Exits with 1 if an alert is not found, or over.',
    words: words('alerts', 'an ID', 1),
    takes: [connection, options('acknowledgedBy', 'json'), alertIds],
    examples: ['website-monitor alerts acknowledge 42 --by Alex'],
  },
} as const satisfies Readonly<Record<string, AboutCommand>>;
