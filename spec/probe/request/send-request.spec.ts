import { once } from 'node:events';
import type { Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { expect } from 'chai';
import type { HopRequest } from '../../../lib/probe/request/next-hop.ts';
import { createSendRequest } from '../../../lib/probe/request/send-request.ts';

/** The lines of the head that is sent. */
async function sentTo(url: string, overrides: Partial<HopRequest> = {}): Promise<readonly string[]> {
  const [near, far] = duplexPair();
  const hop: HopRequest = { url: new URL(url), method: 'GET', headers: {}, body: null, ...overrides };
  const request = createSendRequest('spec')(hop, near as unknown as Socket, false);
  request.on('error', () => {});
  const [chunk] = await once(far, 'data');
  request.destroy();
  return String(chunk).split('\r\n');
}

describe('createSendRequest', () => {
  for (const [url, host] of [
    ['http://example.org/', 'example.org'],
    ['https://example.org/', 'example.org'],
    ['http://example.org:80/', 'example.org'],
    ['http://example.org:443/', 'example.org:443'],
    ['https://example.org:8443/', 'example.org:8443'],
    ['http://[::1]:8080/', '[::1]:8080'],
  ] as const) {
    it(`names the host of ${url} as ${host}, without a default port`, async () =>
      expect(await sentTo(url)).to.include(`host: ${host}`));
  }

  it('sends the user info of a url, unless the target has an Authorization header', async () => {
    const url = 'http://a%20b:c%3A@example.org/';
    expect(await sentTo(url)).to.include(`Authorization: Basic ${btoa('a b:c:')}`);
    const lines = await sentTo(url, { headers: { authorization: 'own' } });
    expect(lines.filter(line => /^authorization/i.test(line))).to.deep.equal(['authorization: own']);
  });

  for (const method of ['POST', 'DELETE', 'OPTIONS'] as const) {
    it(`announces the length of a body in bytes: ${method}`, async () =>
      expect(await sentTo('http://example.org/', { method, body: 'é' })).to.include('content-length: 2'));
  }
});
