import { expect } from 'chai';
import { createReadingBudget } from '../../../lib/net/connection/reading-budget.ts';
import { createTrust } from '../../../lib/net/connection/trust.ts';
import { createAddressGuard } from '../../../lib/net/guard/address-guard.ts';
import type { Resolve } from '../../../lib/net/names/resolution.ts';
import { createHeldBodies } from '../../../lib/probe/body/held-bodies.ts';
import { fetchHops } from '../../../lib/probe/fetch-hops.ts';
import { aTarget } from '../../support/a-target.ts';
import { createIdentity } from '../../support/certificates.ts';
import {
  ANY_ADDRESS,
  answered,
  everyNameIsLocal,
  failed,
  fetcherWith,
  phasesOf,
} from '../../support/fetching.ts';
import type { FullBacklog } from '../../support/full-backlog.ts';
import { startFullBacklog } from '../../support/full-backlog.ts';
import type { ScriptedWebsite } from '../../support/scripted-website.ts';
import { respond, startScriptedWebsite } from '../../support/scripted-website.ts';

const atAddresses =
  (...addresses: readonly string[]): Resolve =>
  async () => ({ kind: 'resolved', addresses: addresses.map(address => ({ address, family: 4 })) });

describe('Connecting', () => {
  let website: ScriptedWebsite | undefined;
  let stuck: FullBacklog | undefined;
  afterEach(async () => {
    await website?.close();
    await stuck?.close();
    website = stuck = undefined;
  });

  it('reports a refused connection', async () => {
    website = await startScriptedWebsite({ acts: {} });
    await website.close();
    const failure = failed(await fetcherWith()(website.origin));
    website = undefined;
    expect(failure.cause).to.equal('connect_refused');
    expect(failure.detail).to.match(/^connect ECONNREFUSED 127\.0\.0\.1:\d+$/);
    expect(phasesOf(failure.phases)).to.deep.equal(['connect']);
  });

  it('reports a connection that is never accepted', async () => {
    stuck = await startFullBacklog('127.0.0.1');
    const failure = failed(await fetcherWith()(`http://127.0.0.1:${stuck.port}`, {}, 200));
    expect(failure.cause).to.equal('connect_timeout');
    expect(failure.phases.connectUs).to.be.above(150_000);
  });

  it('tries every address of a name', async () => {
    website = await startScriptedWebsite({ acts: { '*': respond({ body: 'here' }) } });
    const fetchOnce = fetcherWith({ resolve: atAddresses('127.0.0.2', '127.0.0.3', '127.0.0.1') });
    const answer = answered(await fetchOnce(`http://example.test:${website.port}`));
    expect(answer.body).to.equal('here');
  });

  it('leaves time for the other addresses if one does not answer', async () => {
    website = await startScriptedWebsite({ acts: { '*': respond({ body: 'here' }) } });
    stuck = await startFullBacklog('127.0.0.2', website.port);
    const fetchOnce = fetcherWith({ resolve: atAddresses('127.0.0.2', '127.0.0.1') });
    const answer = answered(await fetchOnce(`http://example.test:${website.port}`, {}, 1000));
    expect(answer.body).to.equal('here');
  });

  it('waits longer for a slow address than Node’s 250 ms', async () => {
    stuck = await startFullBacklog('127.0.0.1');
    stuck.acceptAfter(300);
    const fetchOnce = fetcherWith({ resolve: atAddresses('127.0.0.1', '127.0.0.2') });
    const answer = answered(await fetchOnce(`http://example.test:${stuck.port}`, {}, 6000));
    expect(answer.body).to.equal('slow');
  });

  it('reports the most telling cause if every address fails', async () => {
    const fetchOnce = fetcherWith({ resolve: atAddresses('255.255.255.255', '127.0.0.1') });
    expect(failed(await fetchOnce('http://example.test:1'))).to.have.property('cause', 'connect_refused');
  });

  describe('whatever ends the fetch', () => {
    const identity = createIdentity(['127.0.0.1']);
    /** Fetches until `stop`. Calls `userAgent` once the connection is open, before it sends anything. */
    const fetchWith = (url: string, userAgent: () => string, stop: AbortController) =>
      fetchHops({
        target: aTarget({ url, verifiesTls: false }),
        deadlineMonotonicMs: performance.now() + 5000,
        tools: {
          get userAgent() {
            return userAgent();
          },
          resolve: everyNameIsLocal,
          guard: createAddressGuard(ANY_ADDRESS),
          secrets: (text: string) => ({ kind: 'known', text }) as const,
          trust: createTrust(),
          bodyBytesMax: 1024,
          kept: null,
        },
        onNewConnection: false,
        heldBody: createHeldBodies(1).hold(() => {}),
        budget: createReadingBudget(),
        stop: stop.signal,
        heldUpMs: () => 0,
      });

    for (const [scheme, script] of [
      ['http', { acts: {} }],
      ['https', { acts: {}, identity }],
    ] as const) {
      it(`closes the connection even after a bug of ours: ${scheme}`, async () => {
        website = await startScriptedWebsite(script);
        const stop = new AbortController();
        const bug = (): never => {
          throw new Error('a bug');
        };
        expect(await fetchWith(website.origin, bug, stop).catch(String)).to.equal('Error: a bug');
        stop.abort('unsubscribed'); // as createFetch does once a fetch is over
        await website.allClosed();
      });

      // Over TLS, Node 24 crashes where the lower socket is destroyed before the upper one at that moment.
      it(`closes the connection at the very moment at which it stands: ${scheme}`, async () => {
        website = await startScriptedWebsite(script);
        const stop = new AbortController();
        const stopped = (): string => {
          queueMicrotask(() => stop.abort('unsubscribed'));
          return 'spec';
        };
        await fetchWith(website.origin, stopped, stop);
        await website.allClosed();
      });
    }
  });

  it('makes a new connection for each check', async () => {
    website = await startScriptedWebsite({
      acts: { '*': respond({ headers: { connection: 'keep-alive' } }) },
    });
    const fetchOnce = fetcherWith();
    for (const check of [1, 2, 3]) {
      answered(await fetchOnce(website.origin));
      expect(website.socketsAccepted()).to.equal(check);
      await website.allClosed();
    }
  });
});
