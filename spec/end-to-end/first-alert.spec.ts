import { expect } from 'chai';
import { runCommand } from '../support/command-process.ts';
import { launchWorker } from '../support/main-process.ts';
import {
  type HttpReceiver,
  isSigned,
  type Received,
  type SmtpReceiver,
  startReceiver,
  startSmtpReceiver,
} from '../support/receivers.ts';
import { respond } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';

const SECRET = `whsec_${Buffer.from('a key of the spec').toString('base64')}`;

describe('The first minute with --alert', () => {
  let stage: Stage;
  let webhook: HttpReceiver;
  let mailServer: SmtpReceiver;
  let isUp = true;
  before(async () => {
    stage = await openStage({
      '/shop': (request, response) => respond({ status: isUp ? 200 : 503 })(request, response),
    });
    webhook = await startReceiver();
    mailServer = await startSmtpReceiver();
  });
  after(async () => {
    await stage.close();
    await Promise.all([webhook.close(), mailServer.close()]);
  });

  const told = ({ text }: Received) => {
    const { type, data } = JSON.parse(text);
    return { type, alert: data.alert_id, kind: data.kind, cause: data.cause, url: data.target?.url };
  };

  it('sends "down" and "up again" by webhook and mail, signed, and shows no secret', async () => {
    const { dsn } = stage.ledger;
    const url = `${stage.website.origin}/shop`;
    const hook = `${webhook.origin}/hook/s3cret`;
    const environment = { WEBSITE_MONITOR_DSN: dsn };
    await runCommand({ args: ['channels', 'add', 'ops', hook, '--secret', SECRET], environment });
    const flags = [url, '--every=1s', '--alert=mailto:you@example.org', '--alert', hook];
    const calm = ['--default-recovery-period=0', '--alert-interval=1'];
    const worker = launchWorker(dsn, [...flags, ...calm], {
      WEBSITE_MONITOR_SMTP_URL: mailServer.url,
      WEBSITE_MONITOR_ALLOW_PRIVATE_CHANNELS: '127.0.0.0/8',
    });
    const added = await worker.logged(/^channel added/);
    const kept = await worker.logged(/^channel kept/);
    expect([added.channel, added.url, kept.channel, kept.url]).to.deep.equal([
      'email',
      'mailto:you@example.org',
      'ops',
      `${webhook.origin}/…`,
    ]);

    await stage.requested(1, '/shop');
    const down = Promise.all([webhook.next(), mailServer.next()]);
    isUp = false;
    const [downHook, downMail] = await down;
    const up = Promise.all([webhook.next(), mailServer.next()]);
    isUp = true;
    const [upHook, upMail] = await up;

    const alert = { alert: '1', kind: 'down', cause: 'http_status', url };
    expect(told(downHook)).to.deep.equal({ type: 'alert.opened', ...alert });
    expect(told(upHook)).to.deep.equal({ type: 'alert.resolved', ...alert });
    expect([downHook, upHook].every(message => isSigned(message, SECRET))).to.equal(true);
    const name = url.replace('http://', '');
    expect(downMail.subject).to.equal(`DOWN ${name}: HTTP status 503`);
    expect(upMail.subject).to.match(new RegExp(`^UP ${name}: was down `));
    expect(upMail.inReplyTo).to.equal(downMail.messageId);
    expect(worker.output()).to.not.match(/s3cret|whsec_/);

    const sent = await worker.logged(/^alerts sent$/);
    expect(sent).to.include({ level: 'info', messages: 1 });
    const { stdout } = await runCommand({ args: ['alerts', 'show', '1'], environment });
    expect(stdout)
      .to.include('"opened" accepted by ops')
      .and.include('"resolved" accepted by email')
      .and.include('closed: recovered');
  });
});
