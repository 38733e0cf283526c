import type { ChannelKind } from '../../alerting/channel.ts';
import type { Addresses, HttpAddress } from './addresses.ts';

/** How the address of one kind of receiver is written. */
interface Form<Kind extends ChannelKind> {
  /** What the documents and the problems show */
  readonly example: string;
  /** The https address that the part after `KIND://` stands for; null if it is wrong */
  readonly expand: (rest: string) => string | null;
  /** Null if something is missing */
  readonly read: (url: URL) => Addresses[Kind] | null;
}

type Forms = { readonly [Kind in Exclude<ChannelKind, 'email'>]: Form<Kind> };

export const FORMS: Forms = {
  webhook: {
    example: 'https://example.org/hook',
    expand: rest => `https://${rest}`,
    read: url => plain(url),
  },
  slack: {
    example: 'slack://T…/B…/X…',
    expand: rest =>
      /^[\w-]+\/[\w-]+\/[\w-]+$/.test(rest) ? `https://hooks.slack.com/services/${rest}` : null,
    read: url => withPath(url),
  },
  discord: {
    example: 'discord://ID/TOKEN',
    expand: rest => (/^\d+\/[\w-]+$/.test(rest) ? `https://discord.com/api/webhooks/${rest}` : null),
    read: url => withPath(url),
  },
  telegram: {
    example: 'telegram://BOT_TOKEN/CHAT_ID',
    expand: rest => (/^\d+:[\w-]+\/(-?\d+|@\w+)$/.test(rest) ? `https://api.telegram.org/${rest}` : null),
    read: readTelegram,
  },
  teams: {
    example: 'teams://HOST/PATH',
    expand: rest => `https://${rest}`,
    read: url => withPath(url),
  },
  ntfy: {
    example: 'ntfy://ntfy.sh/TOPIC',
    expand: rest => `https://${rest}`,
    read: readNtfy,
  },
  pagerduty: {
    example: 'pagerduty://KEY or, in the EU, pagerduty://KEY@eu',
    expand: rest => {
      const [, key, region] = /^(\w+)(@eu)?$/.exec(rest) ?? [];
      return key === undefined ? null : `https://${key}@events.${region ? 'eu.' : ''}pagerduty.com`;
    },
    read: url =>
      url.username === ''
        ? null
        : {
            url: `${url.origin}${url.pathname.replace(/\/$/, '')}/v2/enqueue`,
            authorization: null,
            routingKey: decodeURIComponent(url.username),
          },
  },
  alertmanager: {
    example: 'alertmanager://HOST[:PORT]',
    expand: rest => `https://${rest}`,
    read: url => ({ ...plain(url), url: `${url.origin}${url.pathname.replace(/\/$/, '')}/api/v2/alerts` }),
  },
  apprise: {
    example: 'apprise://HOST/notify/KEY',
    expand: rest => `https://${rest}`,
    read: url => (/\/notify\/[^/]+\/?$/.test(url.pathname) ? plain(url) : null),
  },
};

/** The https addresses of vendors, which say by themselves what they are. */
const VENDORS: readonly (readonly [kind: ChannelKind, host: RegExp, path: RegExp])[] = [
  ['slack', /^hooks\.slack\.com$/, /^\//],
  ['discord', /^((ptb|canary)\.)?(discord|discordapp)\.com$/, /^\/api\/(v\d+\/)?webhooks\//],
  ['teams', /\.(webhook\.office\.com|logic\.azure\.com|api\.powerplatform\.com)$/, /^\//],
];

export const vendorOf = ({ hostname, pathname }: URL): ChannelKind | null =>
  VENDORS.find(([, host, path]) => host.test(hostname) && path.test(pathname))?.[0] ?? null;

function plain(url: URL): HttpAddress {
  const { username, password } = url;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  bare.hash = '';
  return {
    url: bare.href,
    authorization:
      credentials === ':' ? null : `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`,
  };
}

const withPath = (url: URL): HttpAddress | null => (url.pathname === '/' ? null : plain(url));

function readTelegram(url: URL): Addresses['telegram'] | null {
  const [, before, token, chat] = /^(.*)\/([^/]+)\/([^/]+)\/?$/.exec(url.pathname) ?? [];
  if (token === undefined || chat === undefined) return null;
  const bot = token.replace(/^bot(?=\d)/, '');
  return {
    ...plain(url),
    url: `${url.origin}${before}/bot${bot}/sendMessage`,
    chat: decodeURIComponent(chat),
  };
}

/** Published as JSON, which goes to the server and names the topic. */
function readNtfy(url: URL): Addresses['ntfy'] | null {
  const [, before, topic] = /^(.*)\/([\w-]{1,64})\/?$/.exec(url.pathname) ?? [];
  return topic === undefined ? null : { ...plain(url), url: `${url.origin}${before}/`, topic };
}
