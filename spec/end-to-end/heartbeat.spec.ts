import { expect } from 'chai';
import { firstValueFrom, ReplaySubject } from 'rxjs';
import { startService } from '../../lib/app/service.ts';
import { connectDatabase } from '../../lib/postgres/database.ts';
import { askUntil } from '../support/ask-until.ts';
import { configOf } from '../support/parsing.ts';
import { quietLog } from '../support/quiet-log.ts';
import { respond } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { proxyBefore } from '../support/tcp-proxy.ts';
import { startWorkerHere } from '../support/worker-here.ts';

const TOKEN = 't0ken';
const PATH = `/ping/${TOKEN}`;
const EVERY_MS = 50;

describe('The heartbeat of a service', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage({ [PATH]: respond({ body: 'OK' }) });
  });
  afterEach(async () => {
    await stage.close();
  });

  const metric = async (metrics: Promise<string>, name: string): Promise<number> =>
    Number(new RegExp(`^website_monitor_${name} (\\S+)$`, 'm').exec(await metrics)?.[1]);

  it('is sent with its first lease pass, and counted; its token is never shown', async () => {
    const worker = await startWorkerHere(stage.ledger.dsn, ['--http-port=0'], {
      WEBSITE_MONITOR_HEARTBEAT_URL: `${stage.website.origin}${PATH}`,
    });
    await stage.requested(1, PATH);
    const accepted = 'heartbeats_total{result="accepted"}';
    await askUntil(async () => (await metric(worker.get('/metrics'), accepted)) >= 1);
    const acceptedAtS = await metric(worker.get('/metrics'), 'heartbeat_last_accepted_timestamp_seconds');
    expect(acceptedAtS * 1_000).to.be.within(Date.now() - 60_000, Date.now());
    worker.signal('SIGTERM');
    await worker.ended;
    expect(worker.output() + JSON.stringify(worker.log())).to.not.include(TOKEN);
  });

  it('fails with a warning that names the host alone', async () => {
    await stage.website.close();
    const url = `${stage.website.origin}${PATH}`;
    const worker = await startWorkerHere(stage.ledger.dsn, [`--heartbeat-url=${url}`]);
    const { host, reason } = await worker.logged(/^the heartbeat failed/);
    expect({ host, reason }).to.deep.equal({ host: new URL(url).host, reason: 'ECONNREFUSED' });
    expect(worker.output()).to.not.include(TOKEN);
  });

  it('stops while its database stalls, and resumes once it answers again', async () => {
    const { ledger, website, requested } = stage;
    const warnings = new ReplaySubject<string>(1);
    const infos = new ReplaySubject<string>(1);
    const tell = (to: ReplaySubject<string>) => (message: string) => {
      if (/heartbeat/.test(message)) to.next(message);
    };
    const log = quietLog({ warn: tell(warnings), info: tell(infos) });
    const proxy = await proxyBefore(ledger.dsn);
    const dsn = proxy.through(ledger.dsn);
    const database = connectDatabase({
      dsn,
      poolSize: 5,
      applicationName: 'heartbeat',
      connectTimeoutMs: 500,
      queryTimeoutMs: 500,
    });
    await ledger.addTargets(website.origin, 1, '1 s');
    const config = configOf([
      `--heartbeat-url=${website.origin}${PATH}`,
      '--http-port=0',
      '--allow-private-targets=127.0.0.0/8,::1',
    ]);
    const service = await startService(config, { database, dsn, log, heartbeatEveryMs: EVERY_MS });
    const withheldCount = () =>
      metric(
        fetch(`${service.httpUrl}/metrics`).then(response => response.text()),
        'heartbeats_total{result="withheld"}',
      );
    await requested(3, PATH);

    proxy.blackhole();
    expect(await firstValueFrom(warnings)).to.equal('heartbeat withheld: this worker is unhealthy');
    const sentCount = () => website.requests.filter(({ path }) => path === PATH).length;
    const sentBefore = sentCount();
    await askUntil(async () => (await withheldCount()) >= 5);
    expect(sentCount()).to.equal(sentBefore);

    proxy.heal();
    expect(await firstValueFrom(infos)).to.equal('heartbeats are accepted again');
    service.stop();
    await service.ended;
    await service.close();
    await database.close();
    await proxy.close();
  });
});
