import { expect } from 'chai';
import type { HopRequest } from '../../../lib/probe/request/next-hop.ts';
import { requestBytes } from '../../../lib/probe/request/request-bytes.ts';

/** The lines of the head that is sent. */
function sentTo(url: string, overrides: Partial<HopRequest> = {}): readonly string[] {
  const request: HopRequest = { url: new URL(url), method: 'GET', headers: {}, body: null, ...overrides };
  return requestBytes(request, 'spec', false).toString('latin1').split('\r\n');
}

describe('requestBytes', () => {
  for (const [url, host] of [
    ['http://example.org/', 'example.org'],
    ['https://example.org/', 'example.org'],
    ['http://example.org:80/', 'example.org'],
    ['http://example.org:443/', 'example.org:443'],
    ['https://example.org:8443/', 'example.org:8443'],
    ['http://[::1]:8080/', '[::1]:8080'],
  ] as const) {
    it(`names the host of ${url} as ${host}, without a default port`, () =>
      expect(sentTo(url)).to.include(`host: ${host}`));
  }

  it('sends the user info of a url, unless the target has an Authorization header', () => {
    const url = 'http://a%20b:c%3A@example.org/';
    expect(sentTo(url)).to.include(`authorization: Basic ${btoa('a b:c:')}`);
    const lines = sentTo(url, { headers: { authorization: 'own' } });
    expect(lines.filter(line => /^authorization/i.test(line))).to.deep.equal(['authorization: own']);
  });

  for (const method of ['POST', 'DELETE', 'OPTIONS'] as const) {
    it(`announces the length of a body in bytes: ${method}`, () =>
      expect(sentTo('http://example.org/', { method, body: 'é' })).to.include('content-length: 2'));
  }
});
