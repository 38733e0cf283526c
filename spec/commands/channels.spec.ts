import { expect } from 'chai';
import { emptyAlerting } from '../support/alerting.ts';
import { runCommand } from '../support/command-process.ts';
import { type MigratedDatabase, migratedDatabase } from '../support/migrated-database.ts';
import { isSigned, type SmtpReceiver, startReceiver, startSmtpReceiver } from '../support/receivers.ts';
import { respond } from '../support/scripted-website.ts';

const HOOK = 'https://user:pass@hooks.example.org/T0/s3cret?key=s3cret';
const SECRET = `whsec_${Buffer.from('a key of the spec').toString('base64')}`;

describe('website-monitor channels', () => {
  let own: MigratedDatabase;
  before(async () => {
    own = await migratedDatabase();
  });
  beforeEach(() => emptyAlerting(own));
  after(() => own.drop());

  const environment = (): Record<string, string> => ({ WEBSITE_MONITOR_DSN: own.dsn });
  const run = (...args: string[]) =>
    runCommand({ args: ['channels', ...args], environment: { ...environment(), TZ: 'Europe/Berlin' } });
  const runWithInput = (input: string, ...args: string[]) =>
    runCommand({ args: ['channels', ...args], environment: environment(), input });
  const stored = async (name = 'ops') =>
    (
      await own.rows(
        'SELECT url, kind, secrets, labels, delay::text, reminder::text, sends_resolved, time_zone, enabled FROM channels WHERE name = $1',
        [name],
      )
    )[0];

  it('add stores what is said, says what it did, and shows no secret', async () => {
    const said = ['--label=team=web', '--label=env=prod', '--delay=10m', '--reminder=4h', '--no-resolved'];
    const secrets = ['--secret', SECRET, '--secret=${env:WEBSITE_MONITOR_SECRET_OLD}'];
    const { code, stdout, stderr } = await run(
      'add',
      'ops',
      HOOK,
      ...said,
      ...secrets,
      '--time-zone=Asia/Tokyo',
    );
    expect({ code, stdout }).to.deep.equal({
      code: 0,
      stdout: 'added    ops  https://hooks.example.org/…\n',
    });
    expect(stderr)
      .to.include('channels test ops')
      .and.match(/the secret is kept as it is/)
      .and.not.include(SECRET);
    expect(await stored()).to.deep.equal({
      url: HOOK,
      kind: 'webhook',
      secrets: [SECRET, '${env:WEBSITE_MONITOR_SECRET_OLD}'],
      labels: { team: 'web', env: 'prod' },
      delay: '00:10:00',
      reminder: '04:00:00',
      sends_resolved: false,
      time_zone: 'Asia/Tokyo',
      enabled: true,
    });
  });

  it('add gives a new channel the defaults, and the time zone of this machine', async () => {
    await run('add', 'ops', 'mailto:ops@example.org');
    expect(await stored()).to.deep.include({
      secrets: [],
      labels: {},
      delay: '00:00:00',
      reminder: null,
      sends_resolved: true,
      time_zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
    });
  });

  it('add updates the one of that name: keeps what is not said, and enables it', async () => {
    await run('add', 'ops', HOOK, '--reminder=4h', '--label=team=web');
    const again = await run('add', 'ops', HOOK);
    expect(again.stdout).to.match(/^kept {5}ops/);
    await run('disable', 'ops');
    const changed = await run('add', 'ops', 'ntfy://ntfy.sh/topic', '--everything');
    expect(changed.stdout).to.equal('changed  ops  ntfy://ntfy.sh/…\n');
    expect(await stored()).to.deep.include({
      kind: 'ntfy',
      reminder: '04:00:00',
      labels: {},
      enabled: true,
    });
  });

  it('add reads - from standard input, a line for each', async () => {
    const { code, stdout } = await runWithInput(
      `slack://T0/B0/X0\n${SECRET}\n`,
      'add',
      'ops',
      '-',
      '--secret=-',
    );
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: 'added    ops  slack://…\n' });
    expect(await stored()).to.deep.include({ url: 'slack://T0/B0/X0', secrets: [SECRET] });
    const wrong = await runWithInput('slak://T0/B0/X0\n', 'add', 'two', '-');
    expect(wrong).to.include({
      code: 1,
      stderr: 'website-monitor: URL on standard input: scheme slak is unknown; did you mean slack?\n',
    });
    const empty = await runWithInput('', 'add', 'two', '-');
    expect(empty.stderr).to.equal('website-monitor: standard input has no line for the URL\n');
  });

  it('add explains what is wrong, without the URL', async () => {
    for (const [args, problem] of [
      [['ops', 'slak://T0/s3cret'], 'URL: scheme slak is unknown; did you mean slack?'],
      [['Ops Team', HOOK], 'NAME: must be up to 100 of a-z, 0-9, . _ and -, as in shop.checkout-1'],
      [['ops'], 'channels add: needs NAME and URL'],
      [['ops', HOOK, '--label=a=b', '--everything'], '--everything: cannot be combined with --label'],
      [['ops', HOOK, '--reminder=5s'], '--reminder: must be a duration from 1m to 30d, or none'],
    ] as const) {
      const { code, stderr } = await run('add', ...args);
      expect(code, stderr).to.equal(2);
      expect(stderr).to.include(`website-monitor: ${problem}`).and.not.include('s3cret');
    }
    const secrets = ['a', 'b', 'c', 'd'].map(secret => `--secret=${secret}`);
    expect(await run('add', 'ops', HOOK, ...secrets)).to.include({
      code: 1,
      stderr: 'website-monitor: secrets must be at most 3\n',
    });
  });

  it('edit changes what is said and nothing else, and none takes it away', async () => {
    await run('add', 'ops', HOOK, '--reminder=4h', '--secret=a', '--delay=5m');
    await run('disable', 'ops');
    const { code, stdout } = await run('edit', 'ops', '--reminder=none', '--secret=none', '--label=team=web');
    expect({ code, stdout }).to.deep.equal({
      code: 0,
      stdout: 'changed  ops  https://hooks.example.org/…\n',
    });
    expect(await stored()).to.deep.include({
      url: HOOK,
      reminder: null,
      secrets: [],
      labels: { team: 'web' },
      delay: '00:05:00',
      enabled: false,
    });
    expect((await run('edit', 'ops', '--delay=5m')).stdout).to.match(/^kept/);
    await run('edit', 'ops', 'https://other.example/hook');
    expect(await stored()).to.include({ url: 'https://other.example/hook' });
  });

  it('say which name was probably meant, and exit with 1', async () => {
    await run('add', 'ops-slack', HOOK);
    for (const command of ['show', 'test', 'edit', 'enable', 'disable', 'remove', 'resend'])
      expect(await run(command, 'ops-slak'), command).to.deep.equal({
        code: 1,
        stdout: '',
        stderr: 'website-monitor: channel ops-slak: not found; did you mean ops-slack?\n',
      });
    expect((await run('show', HOOK)).stderr).to.equal(
      'website-monitor: channel 1: not found; channels list shows them\n',
    );
  });

  const addQueue = async (name: string, queue: string): Promise<void> => {
    await run('add', name, HOOK);
    await own.psql.query(
      `UPDATE channel_queues SET ${queue} WHERE channel_id = (SELECT id FROM channels WHERE name = '${name}')`,
    );
  };
  const addDelivery = async (name: string, state: string, problem: string | null = null): Promise<void> => {
    await own.psql.query(
      `WITH alert AS (
         INSERT INTO alerts (kind, state, started_at, incident_at, noticed_at, cause, url)
         VALUES ('down', 'open', now(), now(), now(), 'http_status', 'https://shop.example/') RETURNING id)
       INSERT INTO deliveries (channel_id, alert_id, subject, news, state, problem, attempts, finished_at)
       SELECT channels.id, alert.id, 1, 'opened', $2::delivery_state, $3, 1, CASE WHEN $2 = 'dead' THEN now() END
       FROM alert, channels WHERE name = $1`,
      [name, state, problem],
    );
  };

  it('list shows the state of each, what waits and what was given up', async () => {
    await addQueue('works', "sent_at = now() - interval '5 min'");
    await addQueue(
      'fails',
      "failing_since = now() - interval '3 h', failures = 9, problem = 'status 503', not_before = now() + interval '1 min'",
    );
    await run('add', 'idle', 'mailto:ops@example.org', '--label=team=web');
    await run('disable', 'idle');
    await addDelivery('fails', 'waiting');
    await addDelivery('fails', 'dead', 'status 404');
    const { stdout } = await run('list');
    const rows = stdout.split('\n').map(line => line.trim().split(/ {2,}/));
    expect(rows.slice(0, 4)).to.deep.equal([
      ['name', 'state', 'waiting', 'dead', 'url', 'targets', 'problem'],
      [
        'fails',
        'failing for 3 h 0 min',
        '1',
        '1',
        'https://hooks.example.org/…',
        'all targets',
        'status 503',
      ],
      ['idle', 'disabled', '0', '0', 'mailto:ops@example.org', 'team=web'],
      ['works', 'ok', '0', '0', 'https://hooks.example.org/…', 'all targets'],
    ]);
    const json = (await run('list', '--json')).stdout;
    expect(json).to.not.match(/s3cret|pass/);
    expect(JSON.parse(json.split('\n')[0] ?? '')).to.include({ name: 'fails', state: 'failing', dead: 1 });
  });

  it('list says how to add the first', async () => {
    const none = {
      code: 0,
      stdout: '',
      stderr: 'no channels: add one with website-monitor channels add NAME URL\n',
    };
    expect(await run('list')).to.deep.equal(none);
  });

  it('show prints settings and dead letters with their reasons; resend sends these again', async () => {
    await run('add', 'ops', HOOK, '--secret=s3cret', '--delay=10m');
    await addDelivery('ops', 'dead', 'status 404: no such channel');
    const { code, stdout, stderr } = await run('show', 'ops');
    expect({ code, stderr }).to.deep.equal({
      code: 0,
      stderr: 'to send them again: website-monitor channels resend ops\n',
    });
    expect(stdout)
      .to.match(/^ops {2}webhook {2}https:\/\/hooks\.example\.org\/…\n\nstate\n {2}now +unused\n/)
      .and.match(/delay +10m\n/)
      .and.match(/secrets +1\n/)
      .and.match(
        /dead letters\n.*\n.* 1 +opened +down https:\/\/shop\.example\/ +1 +status 404: no such channel\n/,
      )
      .and.not.include('s3cret');
    expect(await run('resend', 'ops')).to.include({ code: 0, stdout: 'ops  1 to be sent again\n' });
    expect(await own.rows('SELECT state FROM deliveries')).to.deep.equal([{ state: 'waiting' }]);
    const [shown] = [JSON.parse((await run('show', 'ops', '--json')).stdout)];
    expect(shown).to.deep.include({ name: 'ops', waiting: 1, deadLetters: [], delayMs: 600_000 });
  });

  it('print one JSON object for each channel on request', async () => {
    const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout);
    const url = 'https://hooks.example.org/…';
    expect(await json('add', 'ops', HOOK)).to.deep.equal({ change: 'added', name: 'ops', url });
    expect(await json('edit', 'ops', '--delay=5m')).to.deep.equal({ change: 'changed', name: 'ops', url });
    expect(await json('disable', 'ops')).to.deep.equal({ change: 'disabled', name: 'ops' });
    expect(await json('enable', 'ops')).to.deep.equal({ change: 'enabled', name: 'ops' });
    expect(await json('resend', 'ops')).to.deep.equal({ name: 'ops', resent: 0 });
    expect(await json('remove', 'ops')).to.deep.equal({ change: 'removed', name: 'ops' });
  });

  it('disable, enable and remove take several names', async () => {
    await run('add', 'a', HOOK);
    await run('add', 'b', HOOK);
    expect((await run('disable', 'a')).stdout).to.equal('disabled  a\n');
    expect((await run('disable', 'a', 'b')).stdout).to.equal('kept      a\ndisabled  b\n');
    expect((await run('enable', 'a', 'b')).stdout).to.equal('enabled  a\nenabled  b\n');
    expect((await run('remove', 'a', 'b')).stdout).to.equal('removed  a\nremoved  b\n');
    expect(await own.rows('SELECT name FROM channels')).to.deep.equal([]);
  });

  describe('test', () => {
    const LOOPBACK = '--allow-private-channels=127.0.0.0/8';

    it('sends a signed message and its end at once, and prints what became of it', async () => {
      const receiver = await startReceiver();
      await run('add', 'ops', `${receiver.origin}/hook/s3cret`, '--secret', SECRET);
      const { code, stdout } = await run('test', 'ops', LOOPBACK);
      expect(stdout).to.match(/^accepted {2}ops {2}http:\/\/127\.0\.0\.1:\d+\/… {2}after \d+ ms\n$/);
      expect(code).to.equal(0);
      const bodies = receiver.received.map(({ text }) => JSON.parse(text));
      expect(bodies.map(({ type, data }) => [type, data.kind, data.title])).to.deep.equal([
        ['alert.opened', 'test', 'TEST ops: messages from website-monitor arrive here'],
        ['alert.resolved', 'test', 'TEST OVER ops'],
      ]);
      expect(receiver.received.every(message => isSigned(message, SECRET))).to.equal(true);
      receiver.behave(respond({ status: 404, body: 'no_service' }));
      const refused = await run('test', 'ops', LOOPBACK, '--json');
      expect(refused.code).to.equal(1);
      expect(JSON.parse(refused.stdout)).to.include({
        name: 'ops',
        outcome: 'refused',
        problem: 'status 404: no_service',
      });
      await receiver.close();
      expect((await run('test', 'ops')).stdout).to.match(/^failed .*--allow-private-channels/);
    });

    describe('by mail', () => {
      let mailServer: SmtpReceiver;
      before(async () => {
        mailServer = await startSmtpReceiver();
      });
      after(() => mailServer.close());

      it('sends one, or says that --smtp-url is missing', async () => {
        await run('add', 'boss', 'mailto:boss@example.org');
        const missing = await run('test', 'boss');
        expect(missing.code).to.equal(1);
        expect(missing.stdout).to.match(/^failed .*mail needs --smtp-url/);
        expect((await run('test', 'boss', `--smtp-url=${mailServer.url}`)).code).to.equal(0);
        expect(mailServer.mails.map(({ subject }) => subject)).to.deep.equal([
          'TEST boss: messages from website-monitor arrive here',
        ]);
      });
    });
  });
});
