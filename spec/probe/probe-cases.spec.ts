import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import zlib from 'node:zlib';
import { expect } from 'chai';
import type { Check } from '../../lib/domain/check/check.ts';
import { parseStatusRanges } from '../../lib/domain/target/status-ranges.ts';
import type { Target } from '../../lib/domain/target/target.ts';
import type { Resolve } from '../../lib/net/names/resolution.ts';
import { aPattern } from '../support/a-target.ts';
import { createAuthority, createIdentity } from '../support/certificates.ts';
import { checkerWith } from '../support/checking.ts';
import { phasesOf } from '../support/fetching.ts';
import type { Act, ScriptedWebsite } from '../support/scripted-website.ts';
import { redirectTo, respond, startScriptedWebsite } from '../support/scripted-website.ts';

// What blackbox_exporter's tests of its HTTP prober (prober/http_test.go) ask of a probe, asked of ours.

const PAGE = 'a page of some length '.repeat(20);
const CAP_BYTES = 128;

const coded = (body: Uint8Array | string, coding: string): Act =>
  respond({ body, headers: { 'content-encoding': coding } });
const letters = (count: number): string => 'A'.repeat(count);

/** Says what it was asked, and by whom. */
const echo: Act = async (request, response) => {
  const { method, headers } = request;
  response.end(JSON.stringify({ method, headers, body: await text(request), host: serverNameIn(request) }));
};
const serverNameIn = ({ socket }: IncomingMessage): unknown => (socket as TLSSocket).servername;

const ACTS: Readonly<Record<string, Act>> = {
  '/identity': coded(PAGE, 'identity'),
  '/gzip': coded(zlib.gzipSync(PAGE), 'gzip'),
  '/br': coded(zlib.brotliCompressSync(PAGE), 'br'),
  '/deflate': coded(zlib.deflateRawSync(PAGE), 'deflate'),
  '/unknown': coded(PAGE, 'xxx'),
  '/mislabelled': coded(zlib.gzipSync(PAGE), 'deflate'),
  '/not-found': respond({ status: 404, body: PAGE }),
  '/short': respond({ body: letters(CAP_BYTES - 1) }),
  '/long': respond({ body: letters(CAP_BYTES + 1) }),
  '/short-gzip': coded(zlib.gzipSync(letters(CAP_BYTES - 1)), 'gzip'),
  '/long-gzip': coded(zlib.gzipSync(letters(CAP_BYTES + 1)), 'gzip'),
  '/redirect': redirectTo('/page'),
  '/set-cookie': respond({ status: 302, headers: { location: '/echo', 'set-cookie': 'seen=1' } }),
  '/page': respond({ body: PAGE }),
  '/echo': echo,
};

const byPath: Act = (request, response) => {
  const [, kind, number] = request.url?.split('/') ?? [];
  if (kind === 'status') return respond({ status: Number(number), body: 'so it is' })(request, response);
  if (kind === 'hop') return redirectTo(`/hop/${Number(number) + 1}`)(request, response);
  return (ACTS[request.url ?? ''] ?? respond())(request, response);
};

const seenIn = ({ verdict, bodyCut }: Check): string =>
  verdict.outcome === 'up' ? (bodyCut ? 'up, cut' : 'up') : verdict.cause;

describe('A probe', () => {
  const authority = createAuthority();
  const check = checkerWith({ ca: authority.cert });
  let website: ScriptedWebsite;
  let secure: ScriptedWebsite;
  before(async () => {
    website = await startScriptedWebsite({ acts: { '*': byPath } });
    const identity = createIdentity(['localhost', '127.0.0.1'], authority);
    secure = await startScriptedWebsite({ acts: { '*': byPath }, identity });
  });
  after(() => Promise.all([website.close(), secure.close()]));

  /** Up where the answer contains `pattern`. */
  const checkFor = (path: string, pattern: string, target: Partial<Target> = {}, origin = website.origin) =>
    check(origin + path, { pattern: aPattern(pattern), ...target });

  const STATUSES: readonly (readonly [status: number, accepted: string | null, isUp: boolean])[] = [
    [200, null, true],
    [201, null, true],
    [299, null, true],
    [300, null, true], // a redirect that is none is no fault here
    [300, '200-299', false],
    [404, null, false],
    [404, '200,404', true],
    [200, '200,404', true],
    [201, '200,404', false],
    [404, '404', true],
    [200, '404', false],
  ];
  for (const [status, accepted, isUp] of STATUSES) {
    it(`calls status ${status} ${isUp ? 'up' : 'down'} where ${accepted ?? 'nothing'} is said to be accepted`, async () => {
      const acceptedStatuses = accepted === null ? null : parseStatusRanges(accepted);
      const seen = await check(`${website.origin}/status/${status}`, { acceptedStatuses });
      expect(seenIn(seen)).to.equal(isUp ? 'up' : 'http_status');
      expect(seen.httpStatus).to.equal(status);
    });
  }

  const WHOLE = `^(?:a page of some length ){20}$`;
  const CODINGS: readonly (readonly [path: string, seen: string])[] = [
    ['/page', 'up'],
    ['/identity', 'up'],
    ['/gzip', 'up'],
    ['/br', 'up'],
    ['/deflate', 'up'],
    ['/unknown', 'up'],
    ['/mislabelled', 'protocol_error'],
    ['/not-found', 'http_status'],
  ];
  for (const [path, seen] of CODINGS) {
    it(`looks into the body as it was before compression: ${path}, ${seen}`, async () =>
      expect(seenIn(await checkFor(path, WHOLE))).to.equal(seen));
  }

  for (const encodings of ['gzip', 'br, gzip', '*', 'identity']) {
    it(`takes what is sent though it asked for ${encodings}`, async () => {
      const headers = { 'Accept-Encoding': encodings };
      expect(seenIn(await checkFor('/gzip', WHOLE, { headers }))).to.equal('up');
      expect(website.requests.at(-1)?.headers['accept-encoding']).to.equal(encodings);
    });
  }

  const LENGTHS = [
    ['/short', 'up', 127],
    ['/long', 'up, cut', 128],
    ['/short-gzip', 'up', 127],
    ['/long-gzip', 'up, cut', 128],
  ] as const;
  for (const [path, seen, length] of LENGTHS) {
    it(`reads ${length} bytes of ${path} where ${CAP_BYTES} are read at most: ${seen}`, async () => {
      const pattern = aPattern(`^A{${length}}$`);
      const capped = checkerWith({ bodyBytesMax: CAP_BYTES });
      expect(seenIn(await capped(website.origin + path, { pattern }))).to.equal(seen);
    });
  }

  it('follows a redirect', async () => {
    const seen = await checkFor('/redirect', WHOLE);
    expect([seenIn(seen), seen.httpStatus, seen.hops.length]).to.deep.equal(['up', 200, 2]);
  });

  it('treats a redirect as the answer if it may follow none', async () => {
    const acceptedStatuses = parseStatusRanges('302');
    const seen = await check(`${website.origin}/redirect`, { redirectsMax: 0, acceptedStatuses });
    expect([seenIn(seen), seen.httpStatus, seen.hops.length]).to.deep.equal(['up', 302, 1]);
  });

  it('gives up after the tenth redirect, with the status of the last', async () => {
    const seen = await check(`${website.origin}/hop/0`);
    expect([seenIn(seen), seen.httpStatus]).to.deep.equal(['too_many_redirects', 302]);
    expect(website.requests.at(-1)?.path).to.equal('/hop/10');
  });

  it('is sent from http to https', async () => {
    const from = await startScriptedWebsite({ acts: { '*': redirectTo(`${secure.origin}/page`) } });
    const seen = await checkFor('/', WHOLE, {}, from.origin);
    await from.close();
    expect(seenIn(seen)).to.equal('up');
    expect(seen.certificate?.host).to.equal('127.0.0.1');
  });

  const ASKED: readonly (readonly [what: string, target: Partial<Target>, pattern: string])[] = [
    ['by POST', { method: 'POST' }, '"method":"POST".*"body":""'],
    [
      'by POST with a body',
      { method: 'POST', requestBody: 'what is sent' },
      '"method":"POST".*"body":"what is sent"',
    ],
    [
      'with user and password',
      { credentials: { kind: 'basic', user: 'me', password: 'pass' } },
      '"authorization":"Basic bWU6cGFzcw=="',
    ],
    [
      'with a token',
      { credentials: { kind: 'bearer', token: 'a-token' } },
      '"authorization":"Bearer a-token"',
    ],
    ['with headers', { headers: { 'Accept-Language': 'de' } }, '"accept-language":"de"'],
  ];
  for (const [what, target, pattern] of ASKED) {
    it(`asks ${what}`, async () => expect(seenIn(await checkFor('/echo', pattern, target))).to.equal('up'));
  }

  it('brings back the cookie that came with a redirect', async () => {
    expect(seenIn(await checkFor('/set-cookie', '"cookie":"seen=1"'))).to.equal('up');
  });

  const BODIES: readonly (readonly [pattern: string, mustMatch: boolean, body: string, seen: string])[] = [
    ['shop is closed', false, 'Sorry, the shop is closed', 'regex_forbidden'],
    ['shop is closed', false, 'Ten are in stock', 'up'],
    ['shop is closed|out of order', false, 'the lift is out of order', 'regex_forbidden'],
    ['shop is closed|out of order', false, 'all is well', 'up'],
    ['in stock', true, 'Sorry, the shop is closed', 'regex_mismatch'],
    ['in stock', true, 'Ten are in stock', 'up'],
    ['in stock.*Imprint', true, 'Ten are in stock', 'regex_mismatch'],
    ['in stock.*Imprint', true, 'Ten are in stock. Imprint', 'up'],
  ];
  for (const [pattern, mustMatch, body, seen] of BODIES) {
    it(`says ${seen} of “${body}”, which must ${mustMatch ? '' : 'not '}contain ${pattern}`, async () => {
      const page = await startScriptedWebsite({ acts: { '*': respond({ body }) } });
      const judged = await check(page.origin, { pattern: aPattern(pattern, { mustMatch }) });
      await page.close();
      expect(seenIn(judged)).to.equal(seen);
    });
  }

  it('refuses a self-signed certificate unless verification is off', async () => {
    const identity = createIdentity(['127.0.0.1']);
    const own = await startScriptedWebsite({ acts: { '*': respond() }, identity });
    const refused = await check(own.origin);
    const accepted = await check(own.origin, { verifiesTls: false });
    await own.close();
    expect([refused, accepted].map(seenIn)).to.deep.equal(['tls_self_signed', 'up']);
    expect(accepted.certificate).to.include({ host: '127.0.0.1', subject: 'itself' });
  });

  it('ignores TLS settings over plain HTTP', async () => {
    for (const target of [{ verifiesTls: false }, { certificateValidityMinMs: 2 ** 40 }]) {
      const seen = await check(`${website.origin}/page`, target);
      expect([seenIn(seen), seen.certificate]).to.deep.equal(['up', null]);
    }
  });

  it('names the target’s host in the handshake, and holds the certificate to it', async () => {
    const named = await checkFor('/echo', '"host":"localhost"', {}, `https://localhost:${secure.port}`);
    expect(seenIn(named)).to.equal('up');
    expect(seenIn(await check(`https://other.test:${secure.port}/`))).to.equal('tls_wrong_host');
  });

  it('times each phase, over a redirect as well', async () => {
    for (const path of ['/page', '/redirect']) {
      const { phases } = await check(`https://localhost:${secure.port}${path}`);
      expect(phasesOf(phases), path).to.deep.equal(['dns', 'connect', 'tls', 'ttfb', 'transfer']);
    }
  });

  const SCHEMES: readonly (readonly [url: (place: string, securePlace: string) => string, seen: string])[] = [
    [place => `http://${place}`, 'up'],
    [place => `HTTP://${place}`, 'up'],
    [(_place, securePlace) => `https://${securePlace}`, 'up'],
    [(_place, securePlace) => `HtTpS://${securePlace}`, 'up'],
    [place => place, 'request_invalid'],
    [place => `invalid://${place}`, 'request_invalid'],
  ];
  for (const [url, seen] of SCHEMES) {
    it(`says ${seen} of ${url('example.org', 'example.org')}`, async () => {
      const places = [website, secure].map(({ port }) => `127.0.0.1:${port}`) as [string, string];
      expect(seenIn(await check(url(...places)))).to.equal(seen);
    });
  }

  const FAMILIES: readonly (readonly [has: readonly (4 | 6)[], asked: 4 | 6 | null, seen: string])[] = [
    [[4, 6], null, 'up'],
    [[4, 6], 4, 'up'],
    [[4], 4, 'up'],
    [[4], 6, 'dns_not_found'],
    [[6], 4, 'dns_not_found'],
  ];
  for (const [has, asked, seen] of FAMILIES) {
    it(`says ${seen} of a host with IPv${has.join(' and ')} where IPv${asked ?? '4 or 6'} is asked for`, async () => {
      const addresses = has.map(family => ({ address: family === 4 ? '127.0.0.1' : '::1', family }) as const);
      const resolve: Resolve = async () => ({ kind: 'resolved', addresses });
      const seenCheck = await checkerWith({ resolve })(`http://host.test:${website.port}/page`, {
        ipFamily: asked,
      });
      expect(seenIn(seenCheck)).to.equal(seen);
      if (seen === 'up') expect(seenCheck.hops[0]?.address).to.equal('127.0.0.1');
    });
  }
});
