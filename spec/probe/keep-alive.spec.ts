import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { firstValueFrom } from 'rxjs';
import type { Target } from '../../lib/domain/target/target.ts';
import { createFetch, type FetchSettings } from '../../lib/probe/create-fetch.ts';
import { aTarget } from '../support/a-target.ts';
import { createAuthority, createIdentity } from '../support/certificates.ts';
import { ANY_ADDRESS, answered, everyNameIsLocal, failed, phasesOf } from '../support/fetching.ts';
import {
  type Act,
  respond,
  type ScriptedWebsite,
  startScriptedWebsite,
} from '../support/scripted-website.ts';

const authority = createAuthority();
const identity = createIdentity(['127.0.0.1'], authority);
/** Takes a moment to be decompressed, by when the connection is free */
const LONG = gzipSync(Buffer.alloc(900_000, 'a long body'));

/** In a thread of its own */
const QUICK_WEBSITE = `
  const { parentPort, workerData } = require('node:worker_threads');
  const server = require('node:https').createServer(workerData, (_request, response) => response.end('here'));
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

describe('With --keep-alive', () => {
  let website: ScriptedWebsite;
  afterEach(() => website.close());

  /** One fetch after the other, by the same fetcher. */
  const visitor = (settings: Partial<FetchSettings> = {}) => {
    const of = {
      resolve: everyNameIsLocal,
      privateTargets: ANY_ADDRESS,
      keepAlive: true,
      ca: authority.cert,
    };
    const fetch = createFetch({ ...of, ...settings });
    return (path: string, target: Partial<Target> = {}, onNewConnection = false) => {
      const own = aTarget({ url: website.origin + path, ...target });
      return firstValueFrom(fetch(own, performance.now() + 5_000, onNewConnection));
    };
  };
  const acts: Record<string, Act> = {
    '/': respond({ body: 'here' }),
    '/endless': (_request, response) => void response.write('x'.repeat(2_000)),
    '/hang-up': request => request.socket.destroy(),
    '/last': respond({ body: 'here', headers: { connection: 'close' } }),
    '/broken': respond({ status: 500 }),
  };

  for (const [scheme, script, first] of [
    ['http', { acts }, ['connect', 'ttfb', 'transfer']],
    ['https', { acts, identity }, ['connect', 'tls', 'ttfb', 'transfer']],
  ] as const) {
    it(`later checks reuse the connection of the first, without its phases: ${scheme}`, async () => {
      website = await startScriptedWebsite(script);
      const visit = visitor();
      const firstAnswer = answered(await visit('/'));
      expect(phasesOf(firstAnswer.phases)).to.deep.equal(first);
      for (let more = 0; more < 20; more++) {
        const answer = answered(await visit('/'));
        expect(answer.body).to.equal('here');
        expect(phasesOf(answer.phases)).to.deep.equal(['ttfb', 'transfer']);
        expect(answer.certificate).to.deep.equal(firstAnswer.certificate);
        expect(answer.hops[0]).to.include({ address: '127.0.0.1' });
      }
      expect(website.socketsAccepted()).to.equal(1);
    });
  }

  it('a connection over TLS is kept, too, where the response is read before the request is known to be written', async () => {
    website = await startScriptedWebsite({ acts });
    const elsewhere = new Worker(QUICK_WEBSITE, { eval: true, workerData: identity }); // answers while we are busy
    const [port] = await once(elsewhere, 'message');
    const visit = visitor();
    const dialled: number[] = [];
    for (let check = 0; check < 60; check++) {
      const { phases } = answered(await visit('/', { url: `https://127.0.0.1:${port}/` }));
      if (phases.connectUs !== null) dialled.push(check);
      await setTimeout(5);
    }
    await elsewhere.terminate();
    expect(dialled).to.deep.equal([0]);
  });

  it('concurrent checks each have their own connection', async () => {
    website = await startScriptedWebsite({ acts });
    const visit = visitor();
    for (let round = 0; round < 2; round++) await Promise.all([visit('/'), visit('/'), visit('/')]);
    expect(website.socketsAccepted()).to.equal(3);
  });

  it('a confirming check opens a new connection', async () => {
    website = await startScriptedWebsite({ acts });
    const visit = visitor();
    await visit('/broken');
    await visit('/broken', {}, true);
    expect(website.socketsAccepted()).to.equal(2);
  });

  it('a connection that the website closes is not used again, and no target is down for it', async () => {
    website = await startScriptedWebsite({ acts });
    const visit = visitor();
    await visit('/last');
    await website.allClosed();
    answered(await visit('/'));
    expect(website.socketsAccepted()).to.equal(2);
  });

  for (const [what, act] of [
    ['resets', socket => socket.resetAndDestroy()],
    ['ends', socket => socket.end()],
    ['goes on sending on', socket => socket.write('more')],
  ] as const satisfies readonly (readonly [string, (socket: Socket) => unknown])[]) {
    it(`a connection that the website ${what} while its body is decompressed is not used again`, async () => {
      website = await startScriptedWebsite({
        acts: {
          '*': ({ socket }, response) =>
            void response
              .writeHead(200, { 'content-encoding': 'gzip', 'content-length': LONG.length })
              .end(LONG, () => setImmediate(act, socket)),
        },
      });
      const visit = visitor();
      for (let more = 0; more < 5; more++) expect(answered(await visit('/')).body).to.have.length(900_000);
      expect(website.socketsAccepted()).to.equal(5);
      await website.allClosed();
    });
  }

  it('retries once on a new connection if the website hangs up on a kept one', async () => {
    let hungUp = 0;
    website = await startScriptedWebsite({
      acts: {
        '/': respond({ body: 'here' }),
        '/once': (request, response) => (hungUp++ === 0 ? request.socket.destroy() : response.end('there')),
        '/always': acts['/hang-up'] as Act,
      },
    });
    const visit = visitor();
    await visit('/');
    expect(answered(await visit('/once')).body).to.equal('there');
    expect(failed(await visit('/always'))).to.include({ cause: 'connection_reset' });
    expect(website.requests.map(({ path }) => path)).to.deep.equal([
      '/',
      '/once',
      '/once',
      '/always',
      '/always',
    ]);
  });

  for (const [what, target] of [
    ['with a body', { method: 'OPTIONS', requestBody: 'x' }],
    ['that may change something', { method: 'POST' }],
  ] as const satisfies readonly (readonly [string, Partial<Target>])[]) {
    it(`a request ${what} opens a new connection, because it must not be sent twice`, async () => {
      website = await startScriptedWebsite({ acts });
      const visit = visitor();
      for (let more = 0; more < 2; more++) await visit('/', target);
      expect(website.socketsAccepted()).to.equal(2);
    });
  }

  it('a kept connection serves only targets with the same settings', async () => {
    website = await startScriptedWebsite({ acts, identity });
    const visit = visitor();
    await visit('/');
    await visit('/', { verifiesTls: false });
    await visit('/', { ipFamily: 4 });
    expect(website.socketsAccepted()).to.equal(3);
  });

  it('a body that is cut closes its connection', async () => {
    website = await startScriptedWebsite({ acts });
    expect(answered(await visitor({ bodyBytesMax: 1_000 })('/endless')).bodyCut).to.equal(true);
    await website.allClosed();
  });

  it('and without it, each check closes its own', async () => {
    website = await startScriptedWebsite({ acts });
    const visit = visitor({ keepAlive: false });
    for (let more = 0; more < 2; more++) answered(await visit('/'));
    await website.allClosed();
    expect(website.socketsAccepted()).to.equal(2);
  });
});
