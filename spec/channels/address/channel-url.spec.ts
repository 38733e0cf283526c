import { expect } from 'chai';
import {
  channelKind,
  channelUrlProblem,
  parseChannelUrl,
} from '../../../lib/channels/address/channel-url.ts';
import { shownChannelUrl } from '../../../lib/channels/address/shown-channel-url.ts';

const HTTP = { authorization: null };

describe('The URL of a channel', () => {
  const valid: [url: string, kind: string, address: object][] = [
    ['https://example.org/hook?a=b', 'webhook', { ...HTTP, url: 'https://example.org/hook?a=b' }],
    ['http://127.0.0.1:9/', 'webhook', { ...HTTP, url: 'http://127.0.0.1:9/' }],
    ['webhook+http://127.0.0.1:9/x', 'webhook', { ...HTTP, url: 'http://127.0.0.1:9/x' }],
    [
      'https://me:p%40ss@example.org/',
      'webhook',
      { url: 'https://example.org/', authorization: 'Basic bWU6cEBzcw==' },
    ],
    ['mailto:a@example.org', 'email', { recipients: ['a@example.org'] }],
    ['mailto:a@b.org,c%2Bd@e.org', 'email', { recipients: ['a@b.org', 'c+d@e.org'] }],
    ['slack://T0/B0/Xy', 'slack', { ...HTTP, url: 'https://hooks.slack.com/services/T0/B0/Xy' }],
    [
      'https://hooks.slack.com/services/T0/B0/Xy',
      'slack',
      { ...HTTP, url: 'https://hooks.slack.com/services/T0/B0/Xy' },
    ],
    ['slack+http://127.0.0.1:9/x', 'slack', { ...HTTP, url: 'http://127.0.0.1:9/x' }],
    ['discord://12/a-b_c', 'discord', { ...HTTP, url: 'https://discord.com/api/webhooks/12/a-b_c' }],
    [
      'https://discordapp.com/api/webhooks/12/abc',
      'discord',
      { ...HTTP, url: 'https://discordapp.com/api/webhooks/12/abc' },
    ],
    [
      'telegram://123:AbC-d/-100200',
      'telegram',
      { ...HTTP, url: 'https://api.telegram.org/bot123:AbC-d/sendMessage', chat: '-100200' },
    ],
    [
      'telegram://123:AbC/@my_channel',
      'telegram',
      { ...HTTP, url: 'https://api.telegram.org/bot123:AbC/sendMessage', chat: '@my_channel' },
    ],
    [
      'telegram+http://127.0.0.1:9/TOKEN/CHAT',
      'telegram',
      { ...HTTP, url: 'http://127.0.0.1:9/botTOKEN/sendMessage', chat: 'CHAT' },
    ],
    [
      'https://acme.webhook.office.com/webhookb2/x',
      'teams',
      { ...HTTP, url: 'https://acme.webhook.office.com/webhookb2/x' },
    ],
    [
      'https://prod-1.westeurope.logic.azure.com:443/workflows/x?sig=y',
      'teams',
      { ...HTTP, url: 'https://prod-1.westeurope.logic.azure.com/workflows/x?sig=y' },
    ],
    [
      'https://x.environment.api.powerplatform.com/powerautomate/x',
      'teams',
      { ...HTTP, url: 'https://x.environment.api.powerplatform.com/powerautomate/x' },
    ],
    ['teams://example.org/flow', 'teams', { ...HTTP, url: 'https://example.org/flow' }],
    ['ntfy://ntfy.sh/my_topic', 'ntfy', { ...HTTP, url: 'https://ntfy.sh/', topic: 'my_topic' }],
    [
      'ntfy+http://me:pw@10.0.0.1:8080/push/topic',
      'ntfy',
      { url: 'http://10.0.0.1:8080/push/', topic: 'topic', authorization: 'Basic bWU6cHc=' },
    ],
    [
      'pagerduty://AbC1',
      'pagerduty',
      { ...HTTP, url: 'https://events.pagerduty.com/v2/enqueue', routingKey: 'AbC1' },
    ],
    [
      'pagerduty+http://AbC1@127.0.0.1:9',
      'pagerduty',
      { ...HTTP, url: 'http://127.0.0.1:9/v2/enqueue', routingKey: 'AbC1' },
    ],
    [
      'alertmanager://alerts.example.org:9093',
      'alertmanager',
      { ...HTTP, url: 'https://alerts.example.org:9093/api/v2/alerts' },
    ],
    ['apprise://example.org/notify/k', 'apprise', { ...HTTP, url: 'https://example.org/notify/k' }],
    ['SLACK+HTTPS://example.org/x', 'slack', { ...HTTP, url: 'https://example.org/x' }],
  ];
  for (const [url, kind, address] of valid) {
    it(`is understood: ${url}`, () => {
      expect(parseChannelUrl(url)).to.deep.equal({ kind, address, reference: null });
      expect(channelKind(url)).to.equal(kind);
      expect(channelUrlProblem(url)).to.equal(null);
    });
  }

  const references: [url: string, kind: string][] = [
    ['slack://${env:WEBSITE_MONITOR_SECRET_SLACK}', 'slack'],
    ['telegram+http://${file:telegram}', 'telegram'],
    ['mailto:${env:WEBSITE_MONITOR_SECRET_MAIL}', 'email'],
    ['https://${file:hook}', 'webhook'],
  ];
  for (const [url, kind] of references) {
    it(`may be a reference to a secret: ${url}`, () => {
      const [reference] = /\$.*/.exec(url) ?? [];
      expect(parseChannelUrl(url)).to.deep.equal({ kind, address: null, reference });
      expect(shownChannelUrl(url)).to.equal(url);
    });
  }

  const invalid: [url: string, problem: RegExp][] = [
    ['slakc://T/B/X', /^scheme slakc is unknown; did you mean slack\?$/],
    ['email:a@b.org', /did you mean mailto\?/],
    ['smtp://host', /^scheme smtp is unknown/],
    ['example.org/hook', /^must begin with one of webhook: /],
    ['', /^must begin with one of/],
    ['https://', /^must have a host/],
    ['https:///x y', /^must not contain spaces/],
    ['https://example.org/\n', /^must not contain spaces or control characters$/],
    ['https://example.org/%zz', /^must have a host/],
    ['slack://T/B', /^must look like slack:\/\/T…\/B…\/X…$/],
    ['slack+http://127.0.0.1:9', /^must look like .* slack\+http:\/\/ in front of its address$/],
    ['discord://token/1', /^must look like discord:\/\/ID\/TOKEN$/],
    ['telegram://token', /^must look like telegram:/],
    ['ntfy://ntfy.sh', /^must look like ntfy:/],
    ['ntfy://ntfy.sh/a b', /^must not contain spaces/],
    ['pagerduty://a/b', /^must look like pagerduty:/],
    ['pagerduty+http://127.0.0.1:9', /^must look like pagerduty:/],
    ['apprise://example.org/k', /^must look like apprise:\/\/HOST\/notify\/KEY$/],
    ['mailto:nobody', /^must look like mailto:/],
    ['mailto:a@b.org%0D%0ABcc:c@d.org', /^must look like mailto:/],
    ['mailto:a@b.org?subject=x', /^must look like mailto:/],
    [`mailto:${'a@b.org,'.repeat(50)}a@b.org`, /^must have at most 50 addresses$/],
    [`https://example.org/${'x'.repeat(2_048)}`, /^must have at most 2048 characters$/],
    ['slack://${env:A}/x', /^must look like slack:/],
  ];
  for (const [url, problem] of invalid) {
    it(`is refused: ${JSON.stringify(url.slice(0, 60))}`, () => {
      expect(channelUrlProblem(url)).to.match(problem);
      expect(channelKind(url)).to.equal(null);
      expect(shownChannelUrl(url)).to.equal('…');
    });
  }

  it('is shown without its secrets', () => {
    const secret = /secret|T0|token|KEY|my-topic/i;
    for (const [url, shown] of [
      ['https://me:secret@example.org:8443/secret?secret#secret', 'https://example.org:8443/…'],
      ['https://hooks.slack.com/services/T0/B0/secret', 'https://hooks.slack.com/…'],
      ['slack://T0/B0/secret', 'slack://…'],
      ['discord://1/secret', 'discord://…'],
      ['telegram://1:secret/-5', 'telegram://…'],
      ['telegram+http://127.0.0.1:9/secret/5', 'telegram+http://127.0.0.1:9/…'],
      ['pagerduty://KEY@eu', 'pagerduty://…'],
      ['pagerduty+https://KEY@events.eu.pagerduty.com', 'pagerduty+https://events.eu.pagerduty.com/…'],
      ['ntfy://me:secret@ntfy.sh/my-topic', 'ntfy://ntfy.sh/…'],
      ['alertmanager://alerts.example.org', 'alertmanager://alerts.example.org/…'],
      ['apprise://example.org/notify/secret', 'apprise://example.org/…'],
      ['mailto:a@b.org,c@d.org', 'mailto:a@b.org,c@d.org'],
    ] as const) {
      expect(shownChannelUrl(url)).to.equal(shown);
      expect(shownChannelUrl(url)).to.not.match(secret);
    }
  });
});
