import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { createHealth } from '../../lib/web/health.ts';
import { HttpAddressError } from '../../lib/web/http-address-error.ts';
import { type HttpOptions, type HttpServer, serveHttp } from '../../lib/web/serve-http.ts';
import { askUntil } from '../support/ask-until.ts';
import { failureOf } from '../support/failure-of.ts';
import { dial, request } from '../support/raw-client.ts';

/** Asks until it is no longer alive, and writes the last answers. */
const UNTIL_STUCK = `
  const get = async path => {
    const response = await fetch(process.argv[1] + path);
    return response.status + ' ' + await response.text();
  };
  (async () => {
    let live;
    do live = await get('/livez'); while (live.startsWith('200'));
    process.stdout.write(live + await get('/readyz'));
  })();`;

describe('serveHttp', () => {
  let server: HttpServer;
  let troubles: string[];
  let reads: number;
  let health: ReturnType<typeof createHealth>;

  const start = async (options: Partial<HttpOptions> = {}): Promise<void> => {
    server = await serveHttp({
      host: '127.0.0.1',
      port: 0,
      metrics: async () => {
        reads += 1;
        return { status: 200, body: `reads_total ${reads}\n`, type: 'text/plain; version=0.0.4' };
      },
      ready: health.ready,
      onReadyChange: health.onChange,
      targets: null,
      onTrouble: reason => troubles.push(reason),
      ...options,
    });
  };
  const get = async (path: string): Promise<string> => {
    const response = await fetch(server.url + path);
    return `${response.status} ${await response.text()}`;
  };

  beforeEach(() => {
    troubles = [];
    reads = 0;
    health = createHealth();
  });
  afterEach(() => server.close());

  it('serves the metrics of this thread, with their type', async () => {
    await start();
    const response = await fetch(`${server.url}/metrics`);
    expect(response.headers.get('content-type')).to.equal('text/plain; version=0.0.4');
    expect(await response.text()).to.equal('reads_total 1\n');
  });

  it('reports metrics that cannot be read as 500, and goes on', async () => {
    await start({ metrics: () => Promise.reject(new Error('s3cret')) });
    expect(await get('/metrics')).to.equal('500 cannot read the metrics\n');
    expect(await get('/livez')).to.equal('200 alive\n');
  });

  it('serves readiness as it is now', async () => {
    await start();
    expect(await get('/readyz')).to.equal('503 lease: no lease pass yet\n');
    health.worked('lease');
    expect(await get('/readyz')).to.equal('200 polling; listen: not up yet\n');
    health.stopping();
    expect(await get('/readyz')).to.equal('503 stopping\n');
  });

  it('answers 404 for the targets if they are switched off', async () => {
    await start();
    expect(await get('/metrics/targets')).to.equal(
      '404 metrics of targets are switched off; see --max-scraped-targets\n',
    );
  });

  it('reads targets over connections of its own, and says so if there is no database', async () => {
    const targets = {
      dsn: 'postgres://nobody:s3cret@127.0.0.1:1/none',
      isPooled: false,
      applicationName: 'spec',
      targetsMax: 10,
      timeoutMs: 1_000,
      attemptsMax: 1,
      leaseMarginMs: 1_000,
    };
    await start({ targets });
    const answer = await get('/metrics/targets');
    expect(answer)
      .to.match(/^503 cannot read the targets: .*ECONNREFUSED/)
      .and.not.include('s3cret');
  });

  it('reads the metrics once a second at most, whatever is asked, and answers nobody out of turn', async () => {
    await start();
    const client = await dial(server.url);
    client.send(request('/metrics').repeat(10_000)); // unread
    for (let count = 0; count < 200; count += 1) await get('/metrics');
    expect(reads)
      .to.be.at.most(1 + performance.now() / 1_000)
      .and.at.least(1);
    client.socket.destroy();
  });

  it('answers while this thread is stuck: not alive from the limit on, and alive again after it', async () => {
    await start({ silenceMsMax: 300 });
    health.worked('lease');
    const isAlive = async () => (await get('/livez')) === '200 alive\n';
    await askUntil(isAlive); // on a busy machine a second passes without a word from this thread
    const answers = execFileSync(process.execPath, ['-e', UNTIL_STUCK, server.url], { encoding: 'utf8' });
    expect(answers).to.match(/^(503 checking has been stuck for \d+ s\n){2}$/);
    await askUntil(isAlive);
    expect(await get('/readyz')).to.equal('200 polling; listen: not up yet\n');
  });

  it('starts its thread again, at the same address, after it ended', async () => {
    const pages = [{ status: 200, body: null as unknown as string }]; // it cannot bear that
    await start({ metrics: async () => pages.pop() ?? { status: 200, body: 'reads_total 7\n' } });
    await failureOf(get('/metrics'));
    await askUntil(() =>
      get('/livez').then(
        () => true,
        () => false,
      ),
    );
    expect(await get('/metrics')).to.equal('200 reads_total 7\n');
    expect(troubles).to.have.length(1);
  });

  it('reports the port that it picked', async () => {
    await start();
    expect(server.url).to.match(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/);
  });

  it('explains what to do if the port is taken, or the address is not one of this machine', async () => {
    await start();
    const port = Number(new URL(server.url).port);
    const taken = await failureOf(start({ port }));
    expect(taken).to.be.instanceOf(HttpAddressError);
    expect((taken as Error).message).to.equal(
      `cannot serve metrics and health on 127.0.0.1 port ${port}: the port is taken; ` +
        'set --http-host and --http-port, or --http-port off',
    );
    const elsewhere = await failureOf(start({ host: '192.0.2.1' }));
    expect((elsewhere as Error).message).to.include('this machine has no such address');
  });

  it('closes at once, though clients keep connections', async () => {
    await start();
    await get('/livez');
    const client = await dial(server.url);
    await Promise.all([server.close(), client.closed()]);
    const error = await get('/livez').catch(reason => reason);
    expect(error.cause.code).to.equal('ECONNREFUSED');
    expect(troubles).to.deep.equal([]);
  });
});
