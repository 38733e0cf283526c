import { expect } from 'chai';
import { createCookies } from '../../../lib/probe/request/cookies.ts';
import type { HopRequest } from '../../../lib/probe/request/next-hop.ts';

const request = (url: string, headers: HopRequest['headers'] = {}): HopRequest => ({
  url: new URL(url),
  method: 'GET',
  headers,
  body: null,
});

/** What is sent to `url` after `from` has set these. */
const sentTo = (url: string, setCookies: readonly string[], from = url, headers = {}) => {
  const cookies = createCookies();
  cookies.set(new URL(from), setCookies);
  return cookies.addTo(request(url, headers)).headers;
};

describe('The cookies of a fetch', () => {
  it('go back to who set them, behind those of the target’s own', () => {
    expect(sentTo('http://a.test/', ['x=1'])).to.deep.equal({ cookie: 'x=1' });
    expect(sentTo('http://a.test/', ['x=1'], 'http://a.test/', { Cookie: 'own=0' })).to.deep.equal({
      Cookie: 'own=0; x=1',
    });
  });

  for (const [what, url, setCookie, from] of [
    ['another host', 'http://b.test/', 'x=1', 'http://a.test/'],
    ['a host that it has no say over', 'http://b.test/', 'x=1; Domain=b.test', 'http://a.test/'],
    ['a whole top-level domain', 'http://b.com/', 'x=1; Domain=com', 'http://a.com/'],
    ['http, where they are for https alone', 'http://a.test/', 'x=1; Secure', 'https://a.test/'],
    ['another path', 'http://a.test/other', 'x=1; Path=/login', 'http://a.test/login'],
  ] as const) {
    it(`do not go to ${what}`, () => expect(sentTo(url, [setCookie], from)).to.deep.equal({}));
  }

  it('are a hundred at most, each of 4 KiB at most: more would take long to be read', () => {
    const many = Array.from({ length: 200 }, (_, number) => `c${number}=1`);
    const { cookie = '' } = sentTo('http://a.test/', [`long=${'x'.repeat(4_096)}`, ...many]);
    expect(cookie.split('; ')).to.have.length(100);
    expect(cookie).to.not.include('long');
  });
});
