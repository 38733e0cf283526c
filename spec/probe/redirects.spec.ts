import { expect } from 'chai';
import { answered, failed, fetcherWith, phasesOf } from '../support/fetching.ts';
import type { Act, ScriptedWebsite } from '../support/scripted-website.ts';
import {
  afterMs,
  redirectTo,
  respond,
  sendEndlessly,
  startScriptedWebsite,
} from '../support/scripted-website.ts';

const countDown: Act = (request, response) => {
  const left = Number(request.url?.slice(1));
  const act = left === 0 ? respond({ body: 'there' }) : redirectTo(`/${left - 1}`);
  act(request, response);
};

describe('Redirects', () => {
  let website: ScriptedWebsite;
  let elsewhere: ScriptedWebsite;
  const fetchOnce = fetcherWith();

  beforeEach(async () => {
    elsewhere = await startScriptedWebsite({ acts: { '*': respond({ body: 'elsewhere' }) } });
    website = await startScriptedWebsite({
      acts: {
        '/away': redirectTo(`${elsewhere.origin}/`),
        '/near': redirectTo('/0'),
        '/see-other': redirectTo('/0', 303),
        '/keep': redirectTo('/0', 307),
        '/endless': sendEndlessly('HTTP/1.1 302 Found\r\nLocation: /0\r\n\r\n', 'x'.repeat(10_000)),
        '/slow': afterMs(80, redirectTo('/slow')),
        '*': countDown,
      },
    });
  });
  afterEach(() => Promise.all([website.close(), elsewhere.close()]));

  it('are followed up to ten times', async () => {
    expect(answered(await fetchOnce(`${website.origin}/10`)).body).to.equal('there');
    expect(website.requests).to.have.lengthOf(11);
  });

  it('are not followed an eleventh time', async () => {
    const failure = failed(await fetchOnce(`${website.origin}/11`));
    expect(failure).to.include({ cause: 'too_many_redirects', httpStatus: 302 });
    expect(website.requests).to.have.lengthOf(11);
  });

  it('are followed as often as the target allows', async () => {
    const failure = failed(await fetchOnce(`${website.origin}/2`, { redirectsMax: 1 }));
    expect(failure).to.include({ cause: 'too_many_redirects', detail: 'more than 1' });
    expect(answered(await fetchOnce(`${website.origin}/2`, { redirectsMax: 2 })).body).to.equal('there');
  });

  it('are answers if none may be followed', async () => {
    const answer = answered(await fetchOnce(`${website.origin}/near`, { redirectsMax: 0 }));
    expect(answer).to.include({ httpStatus: 302 });
    expect(website.requests).to.have.lengthOf(1);
  });

  it('share one deadline', async () => {
    const beganMs = performance.now();
    const failure = failed(await fetchOnce(`${website.origin}/slow`, {}, 200));
    expect(performance.now() - beganMs).to.be.within(190, 400);
    expect(failure).to.include({ cause: 'response_timeout', httpStatus: 302 });
    expect(website.requests).to.have.lengthOf(3);
  });

  it('add up their phases', async () => {
    const { phases } = failed(await fetchOnce(`${website.origin}/slow`, {}, 200));
    expect(phases.ttfbUs).to.be.above(150_000);
    expect(phasesOf(phases)).to.deep.equal(['connect', 'ttfb', 'transfer']);
  });

  it('close their connection, whatever it continues to send', async () => {
    expect(answered(await fetchOnce(`${website.origin}/endless`)).body).to.equal('there');
    await website.allClosed();
    expect(website.socketsAccepted()).to.equal(2);
  });

  it('take the target’s headers along within its origin', async () => {
    await fetchOnce(`${website.origin}/near`, { headers: { Authorization: 'secret', 'X-Own': '1' } });
    expect(website.requests.at(-1)).to.have.property('path', '/0');
    expect(website.requests.at(-1)?.headers).to.include({ authorization: 'secret', 'x-own': '1' });
  });

  it('take neither credentials nor headers to another origin, but for those that say who asks for what', async () => {
    const url = `http://me:pass@127.0.0.1:${website.port}/away`;
    const headers = { Cookie: 'secret', 'X-Own': '1', 'User-Agent': 'somebody', 'Accept-Language': 'de' };
    expect(answered(await fetchOnce(url, { headers })).body).to.equal('elsewhere');
    expect(website.requests.at(-1)?.headers)
      .to.include({ cookie: 'secret' })
      .and.to.have.property('authorization');
    const seen = elsewhere.requests.at(-1)?.headers;
    expect(seen).to.not.have.any.keys('authorization', 'cookie', 'x-own');
    expect(seen).to.include({
      'user-agent': 'somebody',
      'accept-language': 'de',
      host: `127.0.0.1:${elsewhere.port}`,
    });
  });

  const METHODS = [
    ['POST', '/near', 'GET'],
    ['POST', '/see-other', 'GET'],
    ['POST', '/keep', 'POST'],
    ['HEAD', '/see-other', 'HEAD'],
    ['DELETE', '/keep', 'DELETE'],
  ] as const;
  for (const [method, path, then] of METHODS) {
    it(`make ${then} of ${method} at ${path}`, async () => {
      answered(await fetchOnce(website.origin + path, { method }));
      expect(website.requests.map(request => request.method)).to.deep.equal([method, then]);
      expect(website.requests.at(-1)?.headers).to.not.have.property('transfer-encoding');
    });
  }
});
