import { expect } from 'chai';
import type { HopRequest } from '../../../lib/probe/request/next-hop.ts';
import { nextHop } from '../../../lib/probe/request/next-hop.ts';

const request = (overrides: Partial<HopRequest> = {}): HopRequest => ({
  url: new URL('http://example.org/from?q=1'),
  method: 'GET',
  headers: { authorization: 'secret', 'x-own': '1' },
  body: null,
  ...overrides,
});

const follow = (status: number, location: string, from = request()): HopRequest => {
  const next = nextHop(from, status, location);
  if (next.kind !== 'hop') throw new Error(`expected a hop, got ${next.kind}`);
  return next.request;
};

describe('nextHop', () => {
  for (const status of [301, 302, 303, 307, 308]) {
    it(`follows status ${status}`, () =>
      expect(follow(status, '/to').url.href).to.equal('http://example.org/to'));
  }
  for (const status of [200, 201, 300, 304, 305, 404, 500]) {
    it(`does not follow status ${status}`, () =>
      expect(nextHop(request(), status, '/to')).to.deep.equal({ kind: 'none' }));
  }
  for (const location of [undefined, '']) {
    it(`does not follow a Location that is ${location === '' ? 'empty' : 'missing'}`, () =>
      expect(nextHop(request(), 302, location)).to.deep.equal({ kind: 'none' }));
  }

  const LOCATIONS: readonly (readonly [location: string, url: string])[] = [
    ['sibling', 'http://example.org/sibling'],
    ['?r=2', 'http://example.org/from?r=2'],
    ['//other.example/a', 'http://other.example/a'],
    ['https://example.org/a#b', 'https://example.org/a#b'],
    [Buffer.from('/über').toString('latin1'), 'http://example.org/%C3%BCber'],
  ];
  for (const [location, url] of LOCATIONS) {
    it(`takes Location ${location} to ${url}`, () => expect(follow(302, location).url.href).to.equal(url));
  }

  for (const location of [
    'http://',
    'http://a:b:c/',
    'http://exa mple/',
    'http://a:0/',
    'ftp://a/',
    'file:///etc/passwd',
    'javascript:1',
    'http://unix/var/run/some.sock:/',
    `/${'x'.repeat(8192)}`,
  ]) {
    it(`refuses Location ${location.slice(0, 40)}`, () =>
      expect(nextHop(request(), 302, location)).to.have.property('kind', 'invalid'));
  }

  const METHODS = [
    ['GET', 301, 'GET'],
    ['HEAD', 302, 'HEAD'],
    ['HEAD', 303, 'HEAD'],
    ['POST', 301, 'GET'],
    ['POST', 302, 'GET'],
    ['POST', 303, 'GET'],
    ['POST', 307, 'POST'],
    ['POST', 308, 'POST'],
    ['PUT', 302, 'PUT'],
    ['DELETE', 303, 'GET'],
  ] as const;
  for (const [method, status, then] of METHODS) {
    it(`turns ${method} into ${then} at status ${status}`, () =>
      expect(follow(status, '/to', request({ method })).method).to.equal(then));
  }

  it('forwards the target’s headers within its origin', () => {
    expect(follow(302, '/to').headers).to.deep.equal(request().headers);
  });

  for (const location of ['http://other.example/', 'https://example.org/', 'http://example.org:8080/']) {
    it(`forwards no header to ${location}, another origin`, () =>
      expect(follow(302, location).headers).to.deep.equal({}));
  }

  it('sends headers that say who asks for what to any origin, unless they are secret', () => {
    const headers = {
      'User-Agent': 'a',
      accept: 'b',
      'Accept-Language': 'c',
      cookie: 'd',
      authorization: 'e',
      'x-key': 'f',
    };
    const kept = { 'User-Agent': 'a', accept: 'b', 'Accept-Language': 'c' };
    const away = follow(302, 'http://other.example/', request({ headers }));
    expect(away.headers).to.deep.equal(kept);
    expect(follow(302, 'http://example.org/', away).headers).to.deep.equal(kept);
    const secretHeaders = new Set(['user-agent']);
    const near = follow(302, '/', request({ headers, secretHeaders }));
    expect(follow(302, 'http://other.example/', near).headers).to.deep.equal({
      accept: 'b',
      'Accept-Language': 'c',
    });
  });

  for (const [what, location, href] of [
    ['Latin-1', '/caf\xe9?\xe9', 'http://example.org/caf%E9?%E9'],
    ['UTF-8', '/caf\xc3\xa9', 'http://example.org/caf%C3%A9'],
    ['a host in UTF-8', 'http://caf\xc3\xa9.example/', 'http://xn--caf-dma.example/'],
  ] as const) {
    it(`follows a Location byte for byte: ${what}`, () =>
      expect(follow(302, location).url.href).to.equal(href));
  }

  it('does not send the headers again on the way back', () => {
    const away = follow(302, 'http://other.example/');
    expect(follow(302, 'http://example.org/', away).headers).to.deep.equal({});
  });

  it('keeps the url’s credentials within its origin, and takes none from a Location', () => {
    const from = request({ url: new URL('http://me:pass@example.org/') });
    expect(follow(302, '/to', from).url.href).to.equal('http://me:pass@example.org/to');
    expect(follow(302, 'http://other.example/', from).url.href).to.equal('http://other.example/');
    expect(follow(302, 'http://evil:evil@other.example/').url.href).to.equal('http://other.example/');
    expect(follow(302, 'http://evil:evil@example.org/').url.href).to.equal('http://example.org/');
  });
});
