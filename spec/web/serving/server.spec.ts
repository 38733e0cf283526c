import { expect } from 'chai';
import { type Route, type Server, type ServerOptions, startServer } from '../../../lib/web/serving/server.ts';
import { askUntil } from '../../support/ask-until.ts';
import { dial, request } from '../../support/raw-client.ts';

describe('startServer', () => {
  let server: Server;
  let answer: PromiseWithResolvers<void>;
  let slowCount: number;

  const routes = new Map<string, Route>([
    ['/quick', () => ({ status: 200, body: 'quick\n' })],
    ['/query', query => ({ status: 400, body: `${query.getAll('id')}\n`, type: 'text/odd' })],
    [
      '/slow',
      async () => {
        slowCount += 1;
        await answer.promise;
        return { status: 200, body: 'slow\n' };
      },
    ],
    ['/large', () => ({ status: 200, body: 'x'.repeat(30_000_000) })],
    [
      '/broken',
      () => {
        throw new Error('s3cret');
      },
    ],
  ]);
  const start = async (bounds: Partial<ServerOptions> = {}): Promise<void> => {
    server = await startServer({ host: '127.0.0.1', port: 0, routes, ...bounds });
  };
  const fetchPath = async (path: string, init?: RequestInit) => {
    const response = await fetch(server.url + path, init);
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: await response.text(),
    };
  };

  beforeEach(() => {
    answer = Promise.withResolvers();
    slowCount = 0;
  });
  afterEach(() => server.close());

  describe('answers', () => {
    beforeEach(() => start());

    it('a path by its route, which is given the query', async () => {
      expect(await fetchPath('/query?id=7&id=9')).to.deep.equal({
        status: 400,
        type: 'text/odd',
        body: '7,9\n',
      });
      expect(await fetchPath('/quick')).to.deep.equal({
        status: 200,
        type: 'text/plain; charset=utf-8',
        body: 'quick\n',
      });
    });

    it('HEAD without a body', async () => {
      expect(await fetchPath('/quick', { method: 'HEAD' })).to.include({ status: 200, body: '' });
    });

    it('other paths with 404 and those that exist, other methods with 405', async () => {
      const body = 'not found; try /quick, /query, /slow, /large, /broken\n';
      for (const path of ['/', '//quick', '/__proto__'])
        expect(await fetchPath(path)).to.include({ status: 404, body });
      expect(await fetchPath('/quick', { method: 'POST', body: 'x' })).to.include({ status: 405 });
    });

    it('500 without the reason if a route throws, and goes on', async () => {
      expect(await fetchPath('/broken')).to.include({ status: 500, body: 'cannot answer\n' });
      expect(await fetchPath('/quick')).to.include({ status: 200 });
    });

    it('without reading the body of a request, and closes that connection', async () => {
      const client = await dial(server.url);
      client.send(request('/quick', 'Content-Length: 1000000000\r\n'));
      expect(await client.closed()).to.match(/^HTTP\/1\.1 200 OK\r\n.*^connection: close\r\n/ims);
    });

    it('431 to a head over 8 KiB', async () => {
      const client = await dial(server.url);
      client.send(request('/quick', `X: ${'x'.repeat(8_192)}\r\n`));
      expect(await client.closed()).to.match(/^HTTP\/1\.1 431 /);
    });
  });

  it('answers the requests of a connection in turn, one at a time', async () => {
    await start();
    const client = await dial(server.url);
    client.send(request('/slow') + request('/slow') + request('/quick'));
    await fetchPath('/quick'); // by its answer the others have arrived
    expect(slowCount).to.equal(1);
    answer.resolve();
    const text = await client.received('quick\n');
    expect(text.match(/^(slow|quick)$/gm)).to.deep.equal(['slow', 'slow', 'quick']);
  });

  it('cuts a connection with more than ten requests unanswered', async () => {
    await start();
    const client = await dial(server.url);
    client.send(request('/slow').repeat(10_000));
    expect(await client.closed()).to.equal('');
    const begunCount = slowCount;
    expect(begunCount).to.be.at.most(1);
    answer.resolve();
    expect(await fetchPath('/quick')).to.include({ status: 200 });
    expect(slowCount, 'none of the others was begun').to.equal(begunCount);
  });

  it('reads no further than it has answered, so a client that sends ahead is answered in turn', async () => {
    await start();
    const client = await dial(server.url);
    client.send(request('/slow', `X: ${'x'.repeat(500)}\r\n`).repeat(200) + request('/query?id=last'));
    await fetchPath('/quick');
    answer.resolve();
    await client.received('last\n');
    expect(slowCount).to.equal(200);
  });

  it('closes a connection after its last request', async () => {
    await start({ requestsMax: 3 });
    const client = await dial(server.url);
    client.send(request('/quick').repeat(3));
    expect((await client.closed()).match(/^quick$/gm)).to.have.length(3);
  });

  it('always has room: a full server closes who has been longest without a complete request', async () => {
    await start({ connectionsMax: 3 });
    const [kept, silent, half] = [await dial(server.url), await dial(server.url), await dial(server.url)];
    half.send('GET /quick HTTP/1.1\r\nX: ');
    kept.send(request('/quick'));
    await kept.received('quick\n');

    const first = await dial(server.url);
    expect(await silent.closed()).to.equal('');
    first.send(request('/quick'));
    await first.received('quick\n');
    const second = await dial(server.url);
    expect(await half.closed()).to.equal('');
    second.send(request('/quick'));
    await second.received('quick\n');
    kept.send(request('/query?id=still'));
    await kept.received('still\n');
  });

  it('answers though 110 silent connections are open', async () => {
    await start();
    const silent = await Promise.all(Array.from({ length: 110 }, () => dial(server.url)));
    expect(await fetchPath('/quick')).to.include({ status: 200 });
    for (const { socket } of silent) socket.destroy();
  });

  describe('cuts off', () => {
    beforeEach(() => start({ patienceMs: 200 }));

    it('a client that sends nothing', async () => {
      expect(await (await dial(server.url)).closed()).to.equal('');
    });

    it('a client that never completes its request, though it goes on sending', async () => {
      const client = await dial(server.url);
      client.send('GET /quick HTTP/1.1\r\n');
      const sending = setInterval(() => client.send('X: x\r\n'), 20);
      expect(await client.closed()).to.equal('');
      clearInterval(sending);
    });

    it('a client that is silent, or sends empty lines, after its answer', async () => {
      const client = await dial(server.url);
      client.send(request('/quick'));
      await client.received('quick\n');
      const sending = setInterval(() => client.send('\r\n'), 20);
      await client.closed();
      clearInterval(sending);
    });

    it('a client that does not take its response', async () => {
      const client = await dial(server.url);
      client.send(request('/large'));
      await new Promise(resolve => client.socket.once('readable', resolve));
      // Reads no further. The cut is seen by another, who gets the share that this one held.
      await askUntil(async () => (await fetchPath('/large', { method: 'HEAD' })).status !== 503);
      expect((await client.closed()).length).to.be.below(30_000_000);
    });

    it('no client whose answer takes longer to make', async () => {
      const client = await dial(server.url);
      client.send(request('/slow'));
      expect(await (await dial(server.url)).closed(), 'that long').to.equal('');
      answer.resolve();
      await client.received('slow\n');
    });
  });

  it('answers 503 while others hold too much that they have not taken', async () => {
    await start();
    const client = await dial(server.url);
    client.send(request('/large'));
    await new Promise(resolve => client.socket.once('readable', resolve));
    expect(await fetchPath('/large')).to.include({
      status: 503,
      body: 'other clients have not taken their responses yet; try again\n',
    });
    expect(await fetchPath('/quick')).to.include({ status: 200 });
    client.socket.destroy();
  });

  it('closes at once, though clients keep connections and are sending requests', async () => {
    await start();
    await fetchPath('/quick'); // fetch keeps its connection alive
    const slow = await dial(server.url);
    slow.send('GET /quick HTTP/1.1\r\n');
    await Promise.all([server.close(), slow.closed()]);
    const error = await fetchPath('/quick').catch(reason => reason);
    expect(error.cause.code).to.equal('ECONNREFUSED');
    await start();
  });
});
