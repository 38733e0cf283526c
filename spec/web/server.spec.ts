import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { Counter, Registry } from 'prom-client';
import { HttpAddressError, type HttpOptions, type HttpServer, serveHttp } from '../../lib/web/server.ts';

describe('serveHttp', () => {
  let server: HttpServer;
  let well: boolean;

  const registry = new Registry();
  new Counter({ name: 'spec_total', help: 'For this spec', registers: [registry] }).inc(7);

  const options: HttpOptions = {
    host: '127.0.0.1',
    port: 0,
    registry,
    live: () => ({ isWell: well, reason: 'pipeline' }),
    ready: () => ({ isWell: well, reason: 'lease: no lease pass yet' }),
    targets: async query => ({ status: 400, body: `${query.getAll('id')}\n` }),
  };
  const fetchPath = async (path: string, init?: RequestInit) => {
    const response = await fetch(server.url + path, init);
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: await response.text(),
    };
  };

  beforeEach(async () => {
    well = true;
    server = await serveHttp(options);
  });
  afterEach(() => server.close());

  it('serves the metrics of its registry in the format of Prometheus', async () => {
    const { status, type, body } = await fetchPath('/metrics');
    expect(status).to.equal(200);
    expect(type).to.equal('text/plain; version=0.0.4; charset=utf-8');
    expect(body).to.include('# TYPE spec_total counter\nspec_total 7\n');
  });

  for (const [path, reason] of [
    ['/livez', 'pipeline\n'],
    ['/readyz', 'lease: no lease pass yet\n'],
  ] as const) {
    it(`answers ${path} with 200 or 503 and a reason of one line`, async () => {
      expect(await fetchPath(path)).to.include({ status: 200, body: reason });
      well = false;
      expect(await fetchPath(`${path}?verbose`)).to.include({ status: 503, body: reason });
    });
  }

  it('answers /metrics/targets with the page for its query', async () => {
    expect(await fetchPath('/metrics/targets?id=7&id=9')).to.include({ status: 400, body: '7,9\n' });
    expect(await fetchPath('/metrics/targets')).to.include({ status: 400, body: '\n' });
  });

  it('answers /metrics/targets with 404 if that is switched off', async () => {
    await server.close();
    server = await serveHttp({ ...options, targets: null });
    expect(await fetchPath('/metrics/targets')).to.include({
      status: 404,
      body: 'metrics of targets are switched off; see --max-scraped-targets\n',
    });
  });

  it('answers HEAD without a body', async () => {
    expect(await fetchPath('/metrics', { method: 'HEAD' })).to.include({ status: 200, body: '' });
  });

  it('rejects other paths and other methods', async () => {
    expect(await fetchPath('/')).to.include({
      status: 404,
      body: 'not found; try /metrics, /metrics/targets, /livez or /readyz\n',
    });
    expect(await fetchPath('//metrics')).to.include({ status: 404 });
    expect(await fetchPath('/metrics', { method: 'POST', body: 'x' })).to.include({ status: 405 });
  });

  it('reports the port that it picked', async () => {
    expect(server.url).to.match(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/);
  });

  it('explains what to do if the port is taken', async () => {
    const port = Number(new URL(server.url).port);
    const error = await serveHttp({ ...options, port }).catch(reason => reason);
    expect(error).to.be.instanceOf(HttpAddressError);
    expect(error.message).to.equal(
      `cannot serve metrics and health on 127.0.0.1 port ${port}: the port is taken; ` +
        'set --http-host and --http-port, or --http-port off',
    );
  });

  it('explains what to do if the address is not one of this machine', async () => {
    const error = await serveHttp({ ...options, host: '192.0.2.1' }).catch(reason => reason);
    expect(error).to.be.instanceOf(HttpAddressError);
    expect(error.message).to.include('this machine has no such address');
  });

  it('closes at once, though one client keeps its connection and another is sending a request', async () => {
    await fetchPath('/livez'); // fetch keeps its connection alive
    const { hostname, port } = new URL(server.url);
    const slow = connect(Number(port), hostname);
    await once(slow, 'connect');
    slow.write('GET /livez HTTP/1.1\r\n');
    const cut = new Promise(resolve =>
      slow
        .on('error', () => {})
        .on('close', resolve)
        .resume(),
    );

    await Promise.all([server.close(), cut]);
    const error = await fetchPath('/livez').catch(reason => reason);
    expect(error.cause.code).to.equal('ECONNREFUSED');
    server = await serveHttp(options);
  });

  it('answers 500 if the metrics cannot be read, and keeps running', async () => {
    await server.close();
    const broken = new Registry();
    new Counter({
      name: 'broken_total',
      help: 'x',
      registers: [broken],
      collect: () => {
        throw new Error('s3cret');
      },
    });
    server = await serveHttp({ ...options, registry: broken });
    expect(await fetchPath('/metrics')).to.include({ status: 500, body: 'cannot read the metrics\n' });
    expect(await fetchPath('/livez')).to.include({ status: 200 });
  });
});
