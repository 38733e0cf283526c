import net from 'node:net';
import tls from 'node:tls';
import { expect } from 'chai';
import type { Cause } from '../../lib/domain/check/cause.ts';
import type { Credentials, Target } from '../../lib/domain/target/target.ts';
import { createSecrets } from '../../lib/secrets/create-secrets.ts';
import { createAuthority, createIdentity, daysFromNow, type Identity } from '../support/certificates.ts';
import { answered, failed, fetcherWith } from '../support/fetching.ts';
import type { ScriptedWebsite } from '../support/scripted-website.ts';
import { redirectTo, respond, startScriptedWebsite } from '../support/scripted-website.ts';
import { listenTracked } from '../support/tracked-server.ts';

const ENVIRONMENT = {
  WEBSITE_MONITOR_SECRET_USER: 'Jürgen',
  WEBSITE_MONITOR_SECRET_PASSWORD: 'p:ä s',
  WEBSITE_MONITOR_SECRET_TOKEN: 's3cret-token',
  WEBSITE_MONITOR_SECRET_LINES: 's3cret\r\nX-Injected: 1',
  WEBSITE_MONITOR_SECRET_TRAILING: 's3cret\n',
  WEBSITE_MONITOR_SECRET_CONTROL: 's3cret\u0000',
  WEBSITE_MONITOR_SECRET_WIDE: 's3cret-日本',
  WEBSITE_MONITOR_SECRET_COLON: 'me:s3cret',
};
const env = (name: string): string => `\${env:WEBSITE_MONITOR_SECRET_${name}}`;
const secrets = createSecrets({ environment: ENVIRONMENT, folder: null });
const basic = (user: string, password: string): Credentials => ({ kind: 'basic', user, password });
const bearer = (token: string): Credentials => ({ kind: 'bearer', token });
const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

describe('Credentials', () => {
  const authority = createAuthority();
  const fetchOnce = fetcherWith({ secrets, ca: authority.cert });
  let website: ScriptedWebsite;
  beforeEach(async () => {
    website = await startScriptedWebsite({ acts: { '/near': redirectTo('/'), '*': respond() } });
  });
  afterEach(() => website.close());

  const SENT: readonly (readonly [what: string, credentials: Credentials, authorization: string])[] = [
    ['user and password', basic('me', 'pass'), `Basic ${base64('me:pass')}`],
    ['user and password in UTF-8', basic('Jürgen', '日本'), `Basic ${base64('Jürgen:日本')}`],
    ['a user alone', basic('me', ''), `Basic ${base64('me:')}`],
    ['a password with a colon', basic('me', 'a:b'), `Basic ${base64('me:a:b')}`],
    ['user and password referred to', basic(env('USER'), env('PASSWORD')), `Basic ${base64('Jürgen:p:ä s')}`],
    ['a password referred to alone', basic('me', env('TOKEN')), `Basic ${base64('me:s3cret-token')}`],
    ['a token', bearer('abc.def-_~+/='), 'Bearer abc.def-_~+/='],
    ['a token referred to', bearer(env('TOKEN')), 'Bearer s3cret-token'],
    ['a token that holds a reference', bearer(`x${env('TOKEN')}`), `Bearer x${env('TOKEN')}`],
  ];
  for (const [what, credentials, authorization] of SENT) {
    it(`are sent: ${what}`, async () => {
      answered(await fetchOnce(website.origin, { credentials }));
      expect(website.requests.map(({ headers }) => headers.authorization)).to.deep.equal([authorization]);
    });
  }

  it('are sent along with headers, which can be references too', async () => {
    const headers = { 'X-Api-Key': env('TOKEN'), 'X-Plain': 'plain', 'X-Part': `v1 ${env('TOKEN')}` };
    answered(await fetchOnce(website.origin, { credentials: bearer('abc'), headers }));
    expect(website.requests[0]?.headers).to.include({
      authorization: 'Bearer abc',
      'x-api-key': 's3cret-token',
      'x-plain': 'plain',
      'x-part': `v1 ${env('TOKEN')}`,
    });
  });

  it('are not resolved in header names, the url or the body', async () => {
    const url = `${website.origin}/?q=\${env:WEBSITE_MONITOR_SECRET_TOKEN}`;
    answered(await fetchOnce(url, { method: 'POST', requestBody: env('TOKEN') }));
    expect(website.requests[0]?.path).to.not.include('s3cret');
    expect(failed(await fetchOnce(url, { headers: { [env('TOKEN')]: '1' } })).cause).to.equal(
      'request_invalid',
    );
  });

  const UNAVAILABLE: readonly (readonly [what: string, target: Partial<Target>, detail: RegExp])[] = [
    ['token', { credentials: bearer(env('GONE')) }, /^the variable WEBSITE_MONITOR_SECRET_GONE is not set$/],
    [
      'user',
      { credentials: basic(env('GONE'), 'x') },
      /^the variable WEBSITE_MONITOR_SECRET_GONE is not set$/,
    ],
    ['password', { credentials: basic('x', env('GONE')) }, /SECRET_GONE is not set$/],
    ['header', { headers: { 'x-own': env('TOKEN'), 'x-other': env('GONE') } }, /SECRET_GONE is not set$/],
    [
      'variable of the worker’s',
      { headers: { 'x-own': '${env:WEBSITE_MONITOR_DSN}' } },
      /^a secret variable must be named/,
    ],
    ['file', { headers: { 'x-own': '${file:token}' } }, /--secrets-folder, which is not set$/],
  ];
  for (const [what, target, detail] of UNAVAILABLE) {
    it(`that are unavailable are named, and no request is sent without them: a ${what}`, async () => {
      const failure = failed(await fetchOnce(website.origin, target));
      expect(failure.cause).to.equal('secret_unavailable');
      expect(failure.detail).to.match(detail);
      expect(website.socketsAccepted()).to.equal(0);
    });
  }

  const UNSENDABLE: readonly (readonly [what: string, target: Partial<Target>])[] = [
    ['a token with a line break', { credentials: bearer(env('LINES')) }],
    ['a token with a final line break', { credentials: bearer(env('TRAILING')) }],
    ['a token with NUL', { credentials: bearer(env('CONTROL')) }],
    ['a token beyond Latin-1', { credentials: bearer(env('WIDE')) }],
    ['a user with a colon', { credentials: basic(env('COLON'), 'x') }],
    ['a header with a line break', { headers: { 'X-Own': env('LINES') } }],
    ['a header with a final line break', { headers: { 'X-Own': env('TRAILING') } }],
    ['a header with NUL', { headers: { 'X-Own': env('CONTROL') } }],
    ['a header beyond Latin-1', { headers: { 'X-Own': env('WIDE') } }],
  ];
  for (const [what, target] of UNSENDABLE) {
    it(`that cannot be sent are refused without being shown: ${what}`, async () => {
      const failure = failed(await fetchOnce(website.origin, target));
      expect(failure.cause).to.equal('request_invalid');
      expect(JSON.stringify(failure)).to.not.include('s3cret');
      expect(website.socketsAccepted()).to.equal(0);
    });
  }

  describe('and redirects', () => {
    const target: Partial<Target> = {
      credentials: basic('me', 's3cret'),
      headers: { 'X-Own': 's3cret', Cookie: 'session=s3cret', Referer: 's3cret' },
    };
    const told = ({ requests }: ScriptedWebsite): readonly string[] =>
      requests.map(
        ({ path, headers }) => `${path} ${/s3cret|bWU6/.test(JSON.stringify(headers)) ? 'all' : 'none'}`,
      );

    it('stay within the origin', async () => {
      answered(await fetchOnce(`${website.origin}/near`, target));
      expect(told(website)).to.deep.equal(['/near all', '/ all']);
    });

    for (const status of [301, 302, 303, 307, 308]) {
      it(`cross to no other port by status ${status}, nor come back from there`, async () => {
        let home = '';
        const away = await startScriptedWebsite({
          acts: { '*': (request, response) => redirectTo(`${home}/home`)(request, response) },
        });
        const acts = { '/away': redirectTo(`${away.origin}/there`, status), '*': respond() };
        const start = await startScriptedWebsite({ acts });
        home = start.origin;
        answered(await fetchOnce(`${start.origin}/away`, target));
        await Promise.all([start.close(), away.close()]);
        expect(told(start)).to.deep.equal(['/away all', '/home none']);
        expect(told(away)).to.deep.equal(['/there none']);
      });
    }

    it('cross to no other host of the same address', async () => {
      const acts = { '*': redirectTo(`http://other.test:${website.port}/`) };
      const start = await startScriptedWebsite({ acts });
      answered(await fetchOnce(start.origin, target));
      await start.close();
      expect(told(website)).to.deep.equal(['/ none']);
    });

    it('cross to no other scheme', async () => {
      const identity = createIdentity(['127.0.0.1'], authority);
      const start = await startScriptedWebsite({ acts: { '*': redirectTo(website.origin) }, identity });
      answered(await fetchOnce(start.origin, target));
      await start.close();
      expect(told(start)).to.deep.equal(['/ all']);
      expect(told(website)).to.deep.equal(['/ none']);
    });

    it('are not replaced by those of a Location', async () => {
      const acts = { '*': redirectTo(`http://evil:evil@127.0.0.1:${website.port}/`) };
      const start = await startScriptedWebsite({ acts });
      answered(await fetchOnce(start.origin, target));
      await start.close();
      expect(website.requests[0]?.headers).to.not.have.property('authorization');
    });

    it('keep the body of a request from another origin', async () => {
      const acts = { '*': redirectTo(website.origin, 307) };
      const start = await startScriptedWebsite({ acts });
      const asked = { ...target, method: 'POST', requestBody: 'password=s3cret' } as const;
      expect(failed(await fetchOnce(start.origin, asked)).cause).to.equal('invalid_redirect');
      await start.close();
      expect(website.socketsAccepted()).to.equal(0);
    });
  });

  describe('over TLS', () => {
    const HOSTS = ['www.example.test'];
    const IDENTITIES: readonly (readonly [what: string, cause: Cause | null, identity: Identity])[] = [
      ['is accepted', null, createIdentity(HOSTS, authority)],
      ['has expired', 'tls_expired', createIdentity(HOSTS, authority, { until: daysFromNow(-0.5) })],
      ['is not valid yet', 'tls_not_yet_valid', createIdentity(HOSTS, authority, { from: daysFromNow(0.5) })],
      ['is for another host', 'tls_wrong_host', createIdentity(['other.test'], authority)],
      ['is signed by itself', 'tls_self_signed', createIdentity(HOSTS)],
      [
        'is signed by somebody unknown',
        'tls_untrusted',
        createIdentity(HOSTS, createAuthority('a stranger')),
      ],
    ];
    const target: Partial<Target> = {
      method: 'POST',
      credentials: bearer(env('TOKEN')),
      headers: { 'X-Own': 's3cret' },
      requestBody: 's3cret',
    };

    /** Decrypts whatever it is sent, and answers once that is a request. */
    async function startListener(identity: Identity, version: tls.SecureVersion) {
      const heard: Buffer[] = [];
      const secure = tls.createServer({ ...identity, minVersion: version, maxVersion: version }, socket => {
        socket.on('error', () => {});
        socket.on('data', data => {
          heard.push(data);
          socket.end('HTTP/1.1 204 No Content\r\n\r\n');
        });
      });
      secure.on('tlsClientError', () => {});
      const tracked = await listenTracked(net.createServer(socket => void secure.emit('connection', socket)));
      return { ...tracked, heard: () => Buffer.concat(heard).toString('latin1') };
    }

    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      for (const [what, cause, identity] of IDENTITIES) {
        it(`${version} go out ${cause === null ? '' : 'not at all '}where the certificate ${what}`, async () => {
          const listener = await startListener(identity, version);
          const url = `https://www.example.test:${listener.port}/?token=s3cret`;
          const answer = await fetchOnce(url, target);
          await listener.allClosed();
          await listener.close();
          if (cause === null) {
            expect(answered(answer).httpStatus).to.equal(204);
            expect(listener.heard()).to.match(/^POST \/\?token=s3cret HTTP.*Bearer s3cret-token.*s3cret$/s);
          } else {
            expect(failed(answer).cause).to.equal(cause);
            expect(listener.heard()).to.equal('');
          }
        });
      }
    }

    it('are sent to any server if the target turns verification off', async () => {
      const listener = await startListener(createIdentity(HOSTS), 'TLSv1.3');
      const url = `https://www.example.test:${listener.port}/`;
      answered(await fetchOnce(url, { ...target, verifiesTls: false }));
      await listener.close();
      expect(listener.heard()).to.include('Bearer s3cret-token');
    });
  });
});
