import { once } from 'node:events';
import http from 'node:http';
import { expect } from 'chai';
import { firstValueFrom } from 'rxjs';
import type { Channel, Sent } from '../../lib/alerting/channel.ts';
import { createSend, type Send, type SendSettings } from '../../lib/channels/create-send.ts';
import type { Resolve } from '../../lib/net/names/resolution.ts';
import { createSecrets } from '../../lib/secrets/create-secrets.ts';
import { aMessage } from '../support/a-message.ts';
import { createAuthority, createIdentity } from '../support/certificates.ts';
import { type HttpReceiver, isSigned, startReceiver } from '../support/receivers.ts';
import {
  type Act,
  hang,
  redirectTo,
  reset,
  respond,
  sendEndlessly,
  sendRaw,
} from '../support/scripted-website.ts';

const TOKEN = 't0ps3cret';
const SECRET = `whsec_${Buffer.from('a signing key of some bytes').toString('base64')}`;

const SECRETS = {
  WEBSITE_MONITOR_SECRET_HOOK: TOKEN,
  WEBSITE_MONITOR_SECRET_SLACK: `https://hooks.slack.com/services/T/B/${TOKEN}`,
};

/** Every name is on this machine. */
const toLoopback: Resolve = async () => ({
  kind: 'resolved',
  addresses: [{ address: '127.0.0.1', family: 4 }],
});

const aSend = (settings: Partial<SendSettings> = {}): Send =>
  createSend({
    resolve: toLoopback,
    secrets: createSecrets({ environment: SECRETS, folder: null }),
    privateChannels: { all: true, ranges: [] },
    smtpUrl: null,
    ...settings,
  });

const aChannel = (url: string, overrides: Partial<Channel> = {}): Channel => ({
  id: '3',
  name: 'ops',
  kind: 'webhook',
  url,
  secrets: [],
  ...overrides,
});

const failed = (problem: string, mayHaveArrived: boolean, retryAfterMs: number | null = null): Sent => ({
  kind: 'failed',
  problem,
  mayHaveArrived,
  retryAfterMs,
});
const refused = (problem: string, isGone = false): Sent => ({ kind: 'refused', problem, isGone });
const ACCEPTED: Sent = { kind: 'accepted' };

describe('Sending to a channel over HTTP', () => {
  const send = aSend();
  let receiver: HttpReceiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  const sendTo = (channel: Channel, through = send): Promise<Sent> =>
    firstValueFrom(through(channel, aMessage()));

  const rows: [does: string, act: Act, result: Sent, attemptMsMax?: number][] = [
    ['accepts it', respond(), ACCEPTED],
    ['accepts it without a body', respond({ status: 204 }), ACCEPTED],
    [
      'accepts it with an endless body',
      sendEndlessly('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(16_384)),
      ACCEPTED,
    ],
    ['accepts it and drips', sendEndlessly('HTTP/1.1 200 OK\r\n\r\n', 'x', 20), ACCEPTED],
    [
      'redirects',
      redirectTo(`http://127.0.0.1:9/${TOKEN}`),
      failed('status 302: redirects are not followed', false),
    ],
    ['does not know the path', respond({ status: 404 }), refused('status 404')],
    [
      'says why, and repeats our secret',
      respond({ status: 403, body: `{"error":\n "no channel ${TOKEN}"}` }),
      refused('status 403: {"error": "no channel …"}'),
    ],
    ['is gone', respond({ status: 410 }), refused('status 410', true)],
    ['had no time', respond({ status: 408 }), failed('status 408', false)],
    [
      'asks to wait for seconds',
      respond({ status: 429, headers: { 'retry-after': '7' } }),
      failed('status 429', false, 7_000),
    ],
    [
      'asks to wait in its body, as Telegram does',
      respond({ status: 429, body: '{"parameters":{"retry_after":3}}' }),
      failed('status 429: {"parameters":{"retry_after":3}}', false, 3_000),
    ],
    [
      'asks to wait for a year',
      respond({ status: 429, headers: { 'retry-after': '31536000' } }),
      failed('status 429', false, 86_400_000),
    ],
    [
      'asks for nonsense',
      respond({ status: 429, headers: { 'retry-after': 'soon' } }),
      failed('status 429', false),
    ],
    ['is broken', respond({ status: 500 }), failed('status 500', true)],
    [
      'is broken without end',
      sendEndlessly('HTTP/1.1 500 Oh\r\n\r\n', '\0'.repeat(16_384)),
      failed('status 500', true),
    ],
    ['resets the connection', reset, failed('connection reset', true)],
    ['hangs', hang, failed('no response in time', true), 300],
    ['does not speak HTTP', sendRaw('no\r\n'), failed('response is not HTTP', true)],
  ];
  for (const [does, act, result, attemptMsMax] of rows) {
    it(`that ${does}`, async () => {
      receiver.behave(act);
      const sent = await sendTo(
        aChannel(`${receiver.origin}/${TOKEN}`),
        attemptMsMax === undefined ? send : aSend({ attemptMsMax }),
      );
      expect(sent).to.deep.equal(result);
      expect(JSON.stringify(sent)).to.not.include(TOKEN);
      await receiver.allClosed();
      expect(receiver.received).to.have.length(1);
    });
  }

  it('that asks to wait until a date', async () => {
    receiver.behave(
      respond({ status: 503, headers: { 'retry-after': new Date(Date.now() + 60_000).toUTCString() } }),
    );
    const sent = await sendTo(aChannel(receiver.origin));
    expect(sent).to.deep.include({ kind: 'failed', mayHaveArrived: true });
    expect(sent).to.have.property('retryAfterMs').that.is.within(1, 60_000);
  });

  it('that nobody listens at', async () => {
    const { origin } = receiver;
    await receiver.close();
    receiver = await startReceiver();
    expect(await sendTo(aChannel(`${origin}/${TOKEN}`))).to.deep.equal(failed('connection refused', false));
  });

  it('whose name does not resolve', async () => {
    const resolve: Resolve = async () => ({ kind: 'failed', cause: 'dns_not_found', detail: 'no such name' });
    expect(await sendTo(aChannel(`https://nowhere.example/${TOKEN}`), aSend({ resolve }))).to.deep.equal(
      failed('host name not found', false),
    );
  });

  it('aborts at once when it is unsubscribed, and leaves no connection', async () => {
    receiver.behave(hang);
    const next = receiver.next();
    const sending = send(aChannel(receiver.origin), aMessage()).subscribe();
    await next;
    sending.unsubscribe();
    await receiver.allClosed();
    expect(receiver.received).to.have.length(1);
  });

  describe('through the guard', () => {
    const guarded = aSend({ privateChannels: { all: false, ranges: [] } });
    for (const host of ['127.0.0.1', 'hooks.example.org', '[::ffff:127.0.0.1]']) {
      it(`refuses ${host}, which is private, and names the setting that allows it`, async () => {
        const sent = await sendTo(aChannel(`http://${host}:${receiver.port}/x`), guarded);
        expect(sent).to.deep.equal(
          failed(
            '127.0.0.1 is this machine itself: to send to it anyway, start with --allow-private-channels 127.0.0.1/32',
            false,
          ),
        );
        expect(receiver.socketsAccepted()).to.equal(0);
      });
    }

    it('connects to the address that was permitted, whatever the name resolves to next', async () => {
      const answers = ['127.0.0.1', '192.0.2.1'];
      const resolve: Resolve = async () => ({
        kind: 'resolved',
        addresses: [{ address: answers.shift() ?? '192.0.2.1', family: 4 }],
      });
      const rebinding = aSend({ resolve, privateChannels: { all: false, ranges: ['127.0.0.1'] } });
      expect(await sendTo(aChannel(`http://rebind.example:${receiver.port}/x`), rebinding)).to.deep.equal(
        ACCEPTED,
      );
      expect(answers).to.deep.equal(['192.0.2.1']);
      expect(receiver.received[0]?.headers.host).to.equal(`rebind.example:${receiver.port}`);
    });
  });

  it('uses no connection that another part of the program keeps', async () => {
    const kept = http.get(receiver.origin);
    const [answer] = (await once(kept, 'response')) as [http.IncomingMessage];
    await once(answer.resume(), 'close');
    expect(receiver.socketsOpen(), 'a kept connection').to.equal(1);
    expect(await sendTo(aChannel(receiver.origin))).to.deep.equal(ACCEPTED);
    expect(receiver.socketsAccepted()).to.equal(2);
    http.globalAgent.destroy();
  });

  describe('with secrets', () => {
    it('signs by each of them, so that a receiver can change its key', async () => {
      const old = `whsec_${Buffer.from('the key before').toString('base64')}`;
      await sendTo(aChannel(receiver.origin, { secrets: [SECRET, old] }));
      const [message] = receiver.received;
      if (message === undefined) throw new Error('nothing arrived');
      expect(isSigned(message, SECRET)).to.equal(true);
      expect(isSigned(message, old)).to.equal(true);
      expect(isSigned(message, 'whsec_b3RoZXI=')).to.equal(false);
      expect(isSigned({ ...message, text: `${message.text} ` }, SECRET)).to.equal(false);
      expect(isSigned(message, SECRET, Date.now() + 400_000)).to.equal(false);
    });

    it('resolves a reference that stands for the part after the scheme', async () => {
      const secrets = createSecrets({
        environment: { WEBSITE_MONITOR_SECRET_HOOK: `127.0.0.1:${receiver.port}/${TOKEN}` },
        folder: null,
      });
      const channel = aChannel('http://${env:WEBSITE_MONITOR_SECRET_HOOK}');
      expect(await sendTo(channel, aSend({ secrets }))).to.deep.equal(ACCEPTED);
      expect(receiver.received[0]?.path).to.equal(`/${TOKEN}`);
    });

    it('takes a whole address from a reference, as the receiver shows it', async () => {
      const secrets = createSecrets({
        environment: { WEBSITE_MONITOR_SECRET_HOOK: `${receiver.origin}/services/${TOKEN}\n` },
        folder: null,
      });
      const channel = aChannel('slack://${env:WEBSITE_MONITOR_SECRET_HOOK}', { kind: 'slack' });
      expect(await sendTo(channel, aSend({ secrets }))).to.deep.equal(ACCEPTED);
      expect(receiver.received[0]?.path).to.equal(`/services/${TOKEN}`);
    });

    const missing: [what: string, channel: Partial<Channel>, problem: string][] = [
      [
        'that stands for the URL and is missing',
        { url: 'http://${env:WEBSITE_MONITOR_SECRET_NONE}' },
        'the variable WEBSITE_MONITOR_SECRET_NONE is not set',
      ],
      [
        'that signs and is missing',
        { secrets: ['${env:WEBSITE_MONITOR_SECRET_NONE}'] },
        'the variable WEBSITE_MONITOR_SECRET_NONE is not set',
      ],
      [
        'that is an address of another kind',
        { url: 'https://${env:WEBSITE_MONITOR_SECRET_SLACK}' },
        "the secret ${env:WEBSITE_MONITOR_SECRET_SLACK} holds a slack address: set the channel's URL to " +
          'slack://${env:WEBSITE_MONITOR_SECRET_SLACK}',
      ],
      [
        'that is no address of its kind',
        { url: 'telegram://${env:WEBSITE_MONITOR_SECRET_HOOK}', kind: 'telegram' },
        'the secret ${env:WEBSITE_MONITOR_SECRET_HOOK} holds no telegram address',
      ],
    ];
    for (const [what, channel, problem] of missing) {
      it(`sends nothing without one ${what}`, async () => {
        const sent = await sendTo(aChannel(receiver.origin, channel));
        expect(sent).to.deep.equal(failed(problem, false));
        expect(receiver.socketsAccepted()).to.equal(0);
      });
    }
  });

  describe('to Apprise', () => {
    const rows: [status: number, result: Sent][] = [
      [200, ACCEPTED],
      [204, refused('status 204: Apprise has no configuration of this key')],
      [424, failed('status 424', true)],
    ];
    for (const [status, result] of rows) {
      it(`that answers ${status}`, async () => {
        receiver.behave(respond({ status }));
        const channel = aChannel(`apprise+http://${receiver.host}/notify/key`, { kind: 'apprise' });
        expect(await sendTo(channel)).to.deep.equal(result);
      });
    }
  });
});

describe('Sending to a channel over HTTPS', () => {
  const authority = createAuthority();
  let receiver: HttpReceiver;
  before(async () => {
    receiver = await startReceiver({ identity: createIdentity(['hooks.example.org'], authority) });
  });
  after(() => receiver.close());

  const sendTo = (host: string, settings: Partial<SendSettings>): Promise<Sent> =>
    firstValueFrom(aSend(settings)(aChannel(`https://${host}:${receiver.port}/x`), aMessage()));

  it('accepts a certificate for the name, though the connection goes to an address', async () => {
    expect(await sendTo('hooks.example.org', { authorities: authority.cert })).to.deep.equal(ACCEPTED);
  });

  it('sends nothing to a receiver whose certificate is not trusted', async () => {
    const count = receiver.received.length;
    expect(await sendTo('hooks.example.org', {})).to.deep.equal(failed('certificate is not trusted', false));
    expect(receiver.received).to.have.length(count);
  });

  it('sends nothing to a receiver with the certificate of another', async () => {
    expect(await sendTo('other.example.org', { authorities: authority.cert })).to.deep.equal(
      failed('certificate is for another host', false),
    );
  });
});
