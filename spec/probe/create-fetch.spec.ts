import zlib from 'node:zlib';
import { expect } from 'chai';
import type { Answer } from '../../lib/domain/check/answer.ts';
import { METHODS } from '../../lib/domain/target/target.ts';
import type { Resolve } from '../../lib/net/names/resolution.ts';
import { createFetch } from '../../lib/probe/create-fetch.ts';
import { aTarget } from '../support/a-target.ts';
import {
  ANY_ADDRESS,
  answered,
  everyNameIsLocal,
  failed,
  fetcherWith,
  phasesOf,
} from '../support/fetching.ts';
import type { Act, ScriptedWebsite } from '../support/scripted-website.ts';
import { hang, respond, sendEndlessly, startScriptedWebsite } from '../support/scripted-website.ts';

const PAGE = 'a page, naïve and 日本 '.repeat(100);
const coded = (coding: string, body: Uint8Array): Act =>
  respond({ body, headers: { 'content-encoding': coding } });

/** The event loop stands still, as under a slow regex. */
const standStill = (durationMs: number): void => {
  const untilMs = performance.now() + durationMs;
  while (performance.now() < untilMs);
};

const ACTS: Readonly<Record<string, Act>> = {
  '/then-busy': (request, response) => {
    respond({ body: 'in time' })(request, response);
    standStill(300);
  },
  '/page': respond({ body: PAGE }),
  '/teapot': respond({ status: 418, body: 'short and stout' }),
  '/empty': respond(),
  '/gzip': coded('gzip', zlib.gzipSync(PAGE)),
  '/x-gzip': coded('X-GZIP', zlib.gzipSync(PAGE)),
  '/deflate': coded('deflate', zlib.deflateSync(PAGE)),
  '/bare-deflate': coded('deflate', zlib.deflateRawSync(PAGE)),
  '/br': coded('br', zlib.brotliCompressSync(PAGE)),
  '/zstd': coded('zstd', zlib.zstdCompressSync(PAGE)),
  '/identity': coded('identity', Buffer.from(PAGE)),
  '/empty-gzip': coded('gzip', Buffer.alloc(0)),
  '/latin': respond({
    body: Buffer.from('e9', 'hex'),
    headers: { 'content-type': 'text/plain; charset=iso-8859-1' },
  }),
  '/hang': hang,
  '/endless': sendEndlessly('HTTP/1.1 200 OK\r\n\r\n', 'x', 5),
};

describe('createFetch', () => {
  let website: ScriptedWebsite;
  const fetchOnce = fetcherWith();
  before(async () => {
    website = await startScriptedWebsite({ acts: ACTS });
  });
  after(() => website.close());

  it('answers with status, body and phases', async () => {
    const answer = answered(await fetchOnce(`${website.origin}/page`));
    expect(answer).to.include({ httpStatus: 200, body: PAGE, bodyCut: false });
    expect(phasesOf(answer.phases)).to.deep.equal(['connect', 'ttfb', 'transfer']);
    const { connectUs, ttfbUs, transferUs, totalUs } = answer.phases;
    expect([connectUs, ttfbUs, transferUs, totalUs].every(Number.isInteger)).to.equal(true);
    expect(totalUs).to.be.at.least((connectUs ?? 0) + (ttfbUs ?? 0) + (transferUs ?? 0));
  });

  it('measures DNS only if the host is a name', async () => {
    const answer = answered(await fetchOnce(`http://example.test:${website.port}/page`));
    expect(phasesOf(answer.phases)).to.deep.equal(['dns', 'connect', 'ttfb', 'transfer']);
  });

  it('treats any status as an answer', async () => {
    const answer = answered(await fetchOnce(`${website.origin}/teapot`));
    expect(answer).to.include({ httpStatus: 418, body: 'short and stout' });
  });

  it('emits once, then completes', done => {
    const fetch = createFetch({ resolve: everyNameIsLocal, privateTargets: ANY_ADDRESS });
    const seen: Answer[] = [];
    fetch(aTarget({ url: `${website.origin}/empty` }), performance.now() + 5000).subscribe({
      next: answer => seen.push(answer),
      complete: () => {
        expect(seen.map(({ kind }) => kind)).to.deep.equal(['answered']);
        done();
      },
    });
  });

  for (const path of ['/gzip', '/x-gzip', '/deflate', '/bare-deflate', '/br', '/zstd', '/identity']) {
    it(`decompresses ${path.slice(1)}`, async () => {
      expect(answered(await fetchOnce(website.origin + path)).body).to.equal(PAGE);
    });
  }

  for (const path of ['/empty', '/empty-gzip']) {
    it(`accepts an empty body: ${path}`, async () => {
      expect(answered(await fetchOnce(website.origin + path))).to.include({ body: '', bodyCut: false });
    });
  }

  it('decodes the body by its declared charset', async () => {
    expect(answered(await fetchOnce(`${website.origin}/latin`)).body).to.equal('é');
  });

  it('does not call a body cut if it is exactly as long as the cap', async () => {
    const bodyBytesMax = Buffer.byteLength(PAGE);
    const whole = answered(await fetcherWith({ bodyBytesMax })(`${website.origin}/gzip`));
    expect(whole).to.include({ body: PAGE, bodyCut: false });
    const cut = answered(await fetcherWith({ bodyBytesMax: bodyBytesMax - 1 })(`${website.origin}/gzip`));
    expect(cut).to.include({ body: PAGE.slice(0, -1), bodyCut: true });
  });

  for (const method of METHODS) {
    it(`sends ${method} without a body`, async () => {
      const answer = answered(await fetchOnce(`${website.origin}/page`, { method }));
      expect(answer.body).to.equal(method === 'HEAD' ? '' : PAGE);
      const seen = website.requests.at(-1);
      expect(seen?.method).to.equal(method);
      expect(seen?.headers['content-length'] ?? '0').to.equal('0');
      expect(seen?.headers).to.not.have.property('transfer-encoding');
    });
  }

  it('does not wait for the body that HEAD announces', async () => {
    answered(await fetchOnce(`${website.origin}/gzip`, { method: 'HEAD' }));
  });

  it('sends the target’s headers, which replace its own', async () => {
    await fetchOnce(`${website.origin}/page`);
    expect(website.requests.at(-1)?.headers).to.include({
      'user-agent': 'website-monitor',
      accept: '*/*',
      'accept-encoding': 'gzip, deflate, br, zstd',
      connection: 'close',
    });
    await fetchOnce(`${website.origin}/page`, { headers: { 'USER-agent': 'mine', 'X-Own': '1' } });
    expect(website.requests.at(-1)?.headers).to.include({
      'user-agent': 'mine',
      'x-own': '1',
      accept: '*/*',
    });
  });

  const UNSENDABLE: readonly (readonly [what: string, url: string, headers?: Record<string, string>])[] = [
    ['an invalid url', 'example.org'],
    ['another scheme', 'ftp://example.org/'],
    ['port 0', 'http://127.0.0.1:0/'],
    ['a header with a line break', 'http://127.0.0.1:1/', { 'x-own': 'a\r\nb: c' }],
    ['a header name with a space', 'http://127.0.0.1:1/', { 'x own': 'a' }],
    ['a Host header', 'http://127.0.0.1:1/', { Host: 'other' }],
    ['a Content-Length header', 'http://127.0.0.1:1/', { 'Content-Length': '9' }],
    ['a Connection header', 'http://127.0.0.1:1/', { connection: 'keep-alive' }],
  ];
  for (const [what, url, headers = {}] of UNSENDABLE) {
    it(`does not send ${what}`, async () => {
      const failure = failed(await fetchOnce(url, { headers }));
      expect(failure, failure.detail).to.include({ cause: 'request_invalid', httpStatus: null });
    });
  }

  it('reports why a name could not be resolved', async () => {
    const resolve: Resolve = async () => ({ kind: 'failed', cause: 'dns_not_found', detail: 'no such name' });
    const failure = failed(await fetcherWith({ resolve })('http://example.test/'));
    expect(failure).to.include({ cause: 'dns_not_found', detail: 'no such name' });
    expect(phasesOf(failure.phases)).to.deep.equal(['dns']);
  });

  it('shortens and cleans the detail of a failure', async () => {
    const detail = `no such name: ${'x'.repeat(9_000)}\0`;
    const resolve: Resolve = async () => ({ kind: 'failed', cause: 'dns_not_found', detail });
    const failure = failed(await fetcherWith({ resolve })('http://example.test/'));
    expect(failure.detail)
      .to.have.lengthOf(500)
      .and.to.match(/^no such name: x+…$/);
  });

  it('reports its own bugs as internal errors', async () => {
    const resolve: Resolve = async () => Promise.reject(new Error('a bug'));
    const failure = failed(await fetcherWith({ resolve })('http://example.test/'));
    expect(failure).to.include({ cause: 'internal_error', detail: 'a bug' });
  });

  it('does not blame the website when this process could not look in time', async () => {
    const answer = fetchOnce(`${website.origin}/hang`, {}, 50, 0);
    standStill(400);
    expect(failed(await answer).cause).to.equal('worker_stalled');
  });

  it('gives checks the time back in which this process was held up', async () => {
    const answer = fetchOnce(`${website.origin}/hang`, {}, 50, 5_000);
    standStill(400);
    const failure = failed(await answer);
    expect(failure.cause).to.equal('response_timeout');
    expect(failure.phases.totalUs).to.be.above(400_000);
  });

  it('reads an answer that came in time even if this process was too busy to read it before the deadline', async () => {
    const answer = await fetchOnce(`${website.origin}/then-busy`, {}, 200);
    expect(answered(answer).body).to.equal('in time');
  });

  it('does not blame the website for a deadline that passed before the fetch', async () => {
    expect(failed(await fetchOnce(`${website.origin}/page`, {}, -1)).cause).to.equal('worker_stalled');
  });

  for (const path of ['/hang', '/endless']) {
    it(`closes its connection when unsubscribed from: ${path}`, async () => {
      const fetch = createFetch({ resolve: everyNameIsLocal, privateTargets: ANY_ADDRESS });
      const seen: Answer[] = [];
      const asked = website.nextRequest();
      const fetching = fetch(aTarget({ url: website.origin + path }), performance.now() + 5000).subscribe(
        answer => seen.push(answer),
      );
      await asked;
      fetching.unsubscribe();
      await website.allClosed();
      expect(seen).to.deep.equal([]);
    });
  }

  it('aborts the resolver when unsubscribed from', done => {
    const resolve: Resolve = async (_hostname, stop) => {
      stop.addEventListener('abort', () => done());
      return new Promise(() => {});
    };
    const fetch = createFetch({ resolve });
    fetch(aTarget({ url: 'http://example.test/' }), performance.now() + 5000)
      .subscribe()
      .unsubscribe();
  });
});
