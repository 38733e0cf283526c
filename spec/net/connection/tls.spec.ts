import { expect } from 'chai';
import type { Cause } from '../../../lib/domain/check/cause.ts';
import type { Identity } from '../../support/certificates.ts';
import { createAuthority, createIdentity, daysFromNow } from '../../support/certificates.ts';
import { answered, failed, fetcherWith, phasesOf } from '../../support/fetching.ts';
import { respond, startScriptedWebsite } from '../../support/scripted-website.ts';

const authority = createAuthority();
const HOSTS = ['www.example.test', '127.0.0.1'];

const REFUSED: readonly (readonly [what: string, cause: Cause, identity: Identity])[] = [
  ['has expired', 'tls_expired', createIdentity(HOSTS, authority, { until: daysFromNow(-0.5) })],
  ['is not valid yet', 'tls_not_yet_valid', createIdentity(HOSTS, authority, { from: daysFromNow(0.5) })],
  ['is for another host', 'tls_wrong_host', createIdentity(['other.test'], authority)],
  ['is signed by itself', 'tls_self_signed', createIdentity(HOSTS)],
  ['is not sound', 'tls_untrusted', createIdentity(HOSTS, authority, { isOdd: true })],
  [
    'has an invalid end date',
    'tls_untrusted',
    createIdentity(HOSTS, authority, { until: '20269999999999Z' }),
  ],
  ['is signed by somebody unknown', 'tls_untrusted', createIdentity(HOSTS, createAuthority('a stranger'))],
];

describe('Over TLS', () => {
  const fetchOnce = fetcherWith({ ca: authority.cert });

  for (const host of HOSTS) {
    it(`accepts a certificate for ${host} from an authority it trusts`, async () => {
      const acts = { '*': respond({ body: 'safe' }) };
      const website = await startScriptedWebsite({ acts, identity: createIdentity(HOSTS, authority) });
      const answer = answered(await fetchOnce(`https://${host}:${website.port}`));
      await website.close();
      expect(answer.body).to.equal('safe');
      expect(phasesOf(answer.phases)).to.include.members(['connect', 'tls', 'ttfb', 'transfer']);
    });
  }

  for (const [what, cause, identity] of REFUSED) {
    it(`says ${cause} when the certificate ${what}, and sends nothing`, async () => {
      const website = await startScriptedWebsite({ acts: { '*': respond() }, identity });
      const headers = { authorization: 'secret' };
      const failure = failed(await fetchOnce(`https://www.example.test:${website.port}`, { headers }));
      await website.allClosed();
      await website.close();
      expect(failure, failure.detail).to.include({ cause, httpStatus: null });
      expect(phasesOf(failure.phases)).to.deep.equal(['dns', 'connect', 'tls']);
      expect(website.requests).to.deep.equal([]);
    });
  }

  it('names the host without its trailing dot, as certificates do', async () => {
    const website = await startScriptedWebsite({
      acts: { '*': (request, response) => response.end(String(serverNameIn(request.socket))) },
      identity: createIdentity(HOSTS, authority),
    });
    const { body } = answered(await fetchOnce(`https://www.example.test.:${website.port}`));
    await website.close();
    expect(body).to.equal('www.example.test');
  });

  it('accepts and records a certificate without a subject', async () => {
    const identity = createIdentity(HOSTS, authority, { subject: '' });
    const website = await startScriptedWebsite({ acts: { '*': respond() }, identity });
    const { certificate } = answered(await fetchOnce(website.origin));
    await website.close();
    expect(certificate).to.include({ subject: '', issuer: authority.name });
  });

  it('treats a certificate with an invalid end date as expired', async () => {
    const identity = createIdentity(HOSTS, authority, { until: '20269999999999Z' });
    const website = await startScriptedWebsite({ acts: { '*': respond() }, identity });
    const { certificate } = answered(await fetchOnce(website.origin, { verifiesTls: false }));
    await website.close();
    expect(certificate).to.include({ expiresAtMs: 0 });
  });

  it('never resumes a session, so each check sees the certificate', async () => {
    const website = await startScriptedWebsite({
      acts: { '*': (request, response) => response.end(String(isResumed(request.socket))) },
      identity: createIdentity(HOSTS, authority),
    });
    for (const _check of [1, 2, 3]) expect(answered(await fetchOnce(website.origin)).body).to.equal('false');
    await website.close();
  });

  it('does not trust a test authority by default', async () => {
    const website = await startScriptedWebsite({ acts: {}, identity: createIdentity(HOSTS, authority) });
    const failure = failed(await fetcherWith()(website.origin));
    await website.close();
    expect(failure.cause).to.equal('tls_untrusted');
  });
});

const isResumed = (socket: unknown): boolean =>
  (socket as { isSessionReused: () => boolean }).isSessionReused();

const serverNameIn = (socket: unknown): unknown => (socket as { servername: unknown }).servername;
