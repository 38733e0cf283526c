import { expect } from 'chai';
import { firstValueFrom } from 'rxjs';
import type { Channel, Sent } from '../../lib/alerting/channel.ts';
import type { Message } from '../../lib/alerting/message.ts';
import { createSend, type SendSettings } from '../../lib/channels/create-send.ts';
import { aMessage, aResolve } from '../support/a-message.ts';
import { createAuthority, createIdentity } from '../support/certificates.ts';
import { type SmtpBehaviour, type SmtpReceiver, startSmtpReceiver } from '../support/receivers.ts';

const PASSWORD = 'p4ssw0rd';

const aChannel = (url = 'mailto:ops@example.org,boss@example.org'): Channel => ({
  id: '3',
  name: 'ops',
  kind: 'email',
  url,
  secrets: [],
});

const sendBy = (
  smtpUrl: string | null,
  message: Message = aMessage(),
  settings: Partial<SendSettings> = {},
): Promise<Sent> =>
  firstValueFrom(
    createSend({
      resolve: async () => ({ kind: 'failed', cause: 'dns_not_found', detail: 'not asked' }),
      secrets: text => ({ kind: 'known', text }),
      privateChannels: { all: false, ranges: [] }, // the mail server is the operator's own: no guard
      smtpUrl,
      ...settings,
    })(aChannel(), message),
  );

const failed = (problem: string, mayHaveArrived: boolean): Sent => ({
  kind: 'failed',
  problem,
  mayHaveArrived,
  retryAfterMs: null,
});

const reply = (code: number, text: string): Error => Object.assign(new Error(text), { responseCode: code });

describe('Sending mail', () => {
  let server: SmtpReceiver;
  const start = async (behaviour: SmtpBehaviour = {}): Promise<SmtpReceiver> => {
    server = await startSmtpReceiver(behaviour);
    return server;
  };
  afterEach(() => server.close());

  it('hands over one mail with text and HTML to all recipients', async () => {
    const { url, mails } = await start();
    expect(await sendBy(url)).to.deep.equal({ kind: 'accepted' });
    const [mail] = mails;
    expect(mail?.subject).to.equal('DOWN shop.example.org: connection refused');
    expect(mail?.from?.text).to.equal('"website-monitor" <monitor@example.org>');
    expect([mail?.to].flat().map(to => to?.text)).to.deep.equal(['ops@example.org, boss@example.org']);
    expect(mail?.text).to.include('Why: Nothing listens on the port');
    expect(mail?.html).to.include('<h1');
    expect(mail?.headers.get('auto-submitted')).to.equal('auto-generated');
  });

  it('has a sender at the address of the server, if nothing names another', async () => {
    const { port, mails } = await start();
    expect(await sendBy(`smtp://127.0.0.1:${port}`)).to.deep.equal({ kind: 'accepted' });
    expect(mails[0]?.from?.text).to.include('website-monitor@[127.0.0.1]');
  });

  it('puts the end of an alert into the thread of its opening, and a retry under the same id', async () => {
    const { url, mails } = await start();
    await sendBy(url);
    await sendBy(url);
    await sendBy(url, aMessage([aResolve()], { id: 'another' }));
    const [opening, again, resolve] = mails;
    expect(opening?.messageId).to.equal('<alert-42-3@example.org>');
    expect(again?.messageId).to.equal(opening?.messageId);
    expect(resolve?.messageId).to.equal('<another@example.org>');
    expect(resolve?.inReplyTo).to.equal(opening?.messageId);
    expect(resolve?.references).to.equal(opening?.messageId);
  });

  const replies: [does: string, behaviour: SmtpBehaviour, result: Sent][] = [
    [
      'is busy',
      { onMailFrom: (_address, _session, answer) => answer(reply(451, 'try later')) },
      failed('SMTP status 451 at MAIL FROM: try later', false),
    ],
    [
      'knows no such mailbox',
      { onRcptTo: (_address, _session, answer) => answer(reply(550, 'no such user')) },
      { kind: 'refused', problem: 'SMTP status 550 at RCPT TO: no such user', isGone: false },
    ],
    [
      'turns us away at the greeting',
      { onConnect: (_session, answer) => answer(reply(554, 'not you')) },
      failed('SMTP status 554: not you', false),
    ],
    [
      'refuses the content',
      {
        onData: (stream, _session, answer) => {
          stream.resume().on('end', () => answer(reply(552, 'too much')));
        },
      },
      { kind: 'refused', problem: 'SMTP status 552 at DATA: too much', isGone: false },
    ],
    [
      'has no room just now',
      {
        onData: (stream, _session, answer) => {
          stream.resume().on('end', () => answer(reply(452, 'disk full')));
        },
      },
      failed('SMTP status 452 at DATA: disk full', false),
    ],
  ];
  for (const [does, behaviour, result] of replies) {
    it(`to a server that ${does}`, async () => {
      const { url } = await start(behaviour);
      expect(await sendBy(url)).to.deep.equal(result);
    });
  }

  it('is in doubt if the connection is lost after the whole mail', async () => {
    const { url, close } = await start({
      onData: stream => {
        stream.resume().on('end', () => void close());
      },
    });
    expect(await sendBy(url)).to.deep.equal(failed('SMTP: the connection was closed', true));
    await start();
  });

  it('is in doubt if there is no answer to the whole mail in time', async () => {
    const { url } = await start({ onData: stream => void stream.resume() });
    expect(await sendBy(url, aMessage(), { attemptMsMax: 500 })).to.deep.equal(
      failed('SMTP: no answer in time', true),
    );
  });

  it('has surely not arrived if the server hangs before', async () => {
    const { url } = await start({ onMailFrom: () => {} });
    expect(await sendBy(url, aMessage(), { attemptMsMax: 300 })).to.deep.equal(
      failed('SMTP: no answer in time', false),
    );
  });

  it('has surely not arrived if nobody listens', async () => {
    const { url, close } = await start();
    await close();
    expect(await sendBy(url)).to.deep.equal(failed('SMTP: connection refused', false));
    await start();
  });

  it('needs a mail server', async () => {
    await start();
    expect(await sendBy(null)).to.deep.equal(failed('mail needs --smtp-url, which is not set', false));
  });

  it('closes the connection when it is unsubscribed', async () => {
    let asked: () => void = () => {};
    const isAsked = new Promise<void>(resolve => {
      asked = resolve;
    });
    const { url, connectionsOpen } = await start({ onMailFrom: () => asked() });
    const send = createSend({
      resolve: async () => ({ kind: 'resolved', addresses: [] }),
      secrets: text => ({ kind: 'known', text }),
      privateChannels: { all: false, ranges: [] },
      smtpUrl: url,
    });
    const sending = send(aChannel(), aMessage()).subscribe();
    await isAsked;
    expect(connectionsOpen()).to.equal(1);
    sending.unsubscribe();
    await server.allClosed();
  });

  describe('with a login', () => {
    const onAuth: SmtpBehaviour['onAuth'] = ({ username, password }, _session, answer) =>
      username === 'me@example.org' && password === PASSWORD
        ? answer(null, { user: username })
        : answer(reply(535, `wrong: ${password}`));
    const loginUrl = ({ port }: SmtpReceiver, password: string, host = '127.0.0.1'): string =>
      `smtp://me%40example.org:${password}@${host}:${port}`;

    it('is sent from the user, if that is an address', async () => {
      const { mails } = await start({ onAuth });
      expect(await sendBy(loginUrl(server, PASSWORD))).to.deep.equal({ kind: 'accepted' });
      expect(mails[0]?.from?.value[0]?.address).to.equal('me@example.org');
    });

    it('waits for the operator if the login is refused, and does not quote the password', async () => {
      await start({ onAuth });
      expect(await sendBy(loginUrl(server, 'guessed-wrong'))).to.deep.equal(
        failed('SMTP status 535 at AUTH PLAIN: wrong: …', false),
      );
    });

    it('uses STARTTLS where the server offers it', async () => {
      const authority = createAuthority();
      let isSecure = false;
      await start({
        ...createIdentity(['localhost'], authority),
        onAuth: (auth, session, answer) => {
          isSecure = session.secure;
          onAuth?.(auth, session, answer);
        },
      });
      const url = loginUrl(server, PASSWORD, 'localhost');
      expect(await sendBy(url, aMessage(), { authorities: authority.cert })).to.deep.equal({
        kind: 'accepted',
      });
      expect(isSecure).to.equal(true);
    });

    it('gives no password to a server with a certificate that is not trusted', async () => {
      let wasAsked = false;
      await start({
        ...createIdentity(['localhost'], createAuthority()),
        onAuth: () => {
          wasAsked = true;
        },
      });
      expect(await sendBy(loginUrl(server, PASSWORD, 'localhost'))).to.deep.equal(
        failed('SMTP: certificate is not trusted', false),
      );
      expect(wasAsked).to.equal(false);
    });
  });
});
