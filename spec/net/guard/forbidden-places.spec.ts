import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { firstValueFrom } from 'rxjs';
import type { Answer } from '../../../lib/domain/check/answer.ts';
import type { PrivateTargets } from '../../../lib/domain/target/private-targets.ts';
import type { NameResolver } from '../../../lib/net/names/resolve-name.ts';
import { createNameResolver } from '../../../lib/net/names/resolve-name.ts';
import { createFetch } from '../../../lib/probe/create-fetch.ts';
import { aTarget } from '../../support/a-target.ts';
import { createAuthority, createIdentity } from '../../support/certificates.ts';
import { answered, failed, fetcherWith } from '../../support/fetching.ts';
import type { Saying, ScriptedNameServer } from '../../support/scripted-name-server.ts';
import { startScriptedNameServer } from '../../support/scripted-name-server.ts';
import { redirectTo, respond, startScriptedWebsite } from '../../support/scripted-website.ts';
import type { TrackedServer } from '../../support/tracked-server.ts';
import { listenTracked } from '../../support/tracked-server.ts';

const hasIpv6 = Object.values(networkInterfaces()).some(addresses =>
  addresses?.some(({ address }) => address === '::1'),
);

const NONE: PrivateTargets = { all: false, ranges: [] };
const LOOPBACK = ['127.0.0.0/8', '0.0.0.0', ...(hasIpv6 ? ['::/127'] : [])];

/** On every address of this machine: whoever connects to any of them is seen. */
interface Trap extends TrackedServer {
  /** At which addresses it was connected to */
  readonly reachedAt: readonly string[];
}

async function setTrap(): Promise<Trap> {
  const reachedAt: string[] = [];
  const server = net.createServer(socket => {
    reachedAt.push(socket.localAddress?.replace(/^::ffff:/, '') ?? '');
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nreached');
  });
  return { ...(await listenTracked(server, hasIpv6 ? '::' : '0.0.0.0')), reachedAt };
}

const SAYINGS: Readonly<Record<string, Saying>> = {
  'loopback.test': { a: ['127.0.0.1'] },
  'other-loopback.test': { a: ['127.0.0.2'] },
  'six.test': { aaaa: ['::1'] },
  'mapped.test': { aaaa: ['0:0:0:0:0:ffff:7f00:1'] },
  'nat64.test': { aaaa: ['64:ff9b::7f00:1'] },
  'zero.test': { a: ['0.0.0.0'] },
  'private.test': { a: ['10.0.0.1', '192.168.0.1'], aaaa: ['fd00::1', 'fe80::1'] },
  'metadata.test': { a: ['169.254.169.254'] },
  'alias.test': { cname: 'loopback.test', a: ['127.0.0.1'] },
  'mixed.test': { a: ['127.0.0.2', '10.0.0.1', '127.0.0.1', '127.0.0.3'], aaaa: ['fd00::1'] },
};

const forbidden = (answer: Answer): string => {
  const failure = failed(answer);
  expect(failure, failure.detail).to.have.property('cause', 'address_forbidden');
  return failure.detail;
};

describe('A forbidden place', () => {
  let folder: string;
  let nameServer: ScriptedNameServer;
  let names: NameResolver;
  let trap: Trap;
  let says: (name: string) => Saying | undefined = () => undefined;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'website-monitor-places-'));
    const hostsPath = join(folder, 'hosts');
    writeFileSync(hostsPath, '127.0.0.1 inner.test Inner2.test\n127.1 broken.test\n::1 inner6.test\n');
    const resolvConfPath = join(folder, 'resolv.conf');
    writeFileSync(resolvConfPath, 'search test\n');
    nameServer = await startScriptedNameServer(name => says(name) ?? SAYINGS[name] ?? 'no-such-name');
    names = createNameResolver({ servers: [nameServer.server], hostsPath, resolvConfPath });
  });
  after(async () => {
    names.close();
    await nameServer.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    says = () => undefined;
    trap = await setTrap();
  });
  afterEach(() => trap.close());

  const allowing = (...ranges: string[]) =>
    fetcherWith({ resolve: names.resolve, privateTargets: { all: false, ranges } });
  const at = (url: string): string => url.replaceAll('PORT', String(trap.port));
  const sentNothing = () => expect(trap.socketsAccepted(), 'connections').to.equal(0);

  /** Each leads to this machine, and where that is allowed it gets there: else the specs would show nothing. */
  const SPELLINGS: readonly (readonly [how: string, ...urls: string[]])[] = [
    ['plain', 'http://127.0.0.1:PORT/'],
    ['decimal', 'http://2130706433:PORT/'],
    ['short', 'http://127.1:PORT/', 'http://127.0.1:PORT/', 'http://0:PORT/', 'http://0.0:PORT/'],
    ['octal', 'http://0177.0.0.1:PORT/', 'http://017700000001:PORT/', 'http://00000000177.0.0.01:PORT/'],
    ['hexadecimal', 'http://0x7f000001:PORT/', 'http://0X7F.0x0.0x0.0x1:PORT/', 'http://0x7F.1:PORT/'],
    ['mixed', 'http://0x7f.0.0.01:PORT/', 'http://127.0x.00.1:PORT/', 'http://0177.0x000001:PORT/'],
    ['with a final dot', 'http://127.0.0.1.:PORT/', 'http://2130706433.:PORT/', 'http://0x7f.1.:PORT/'],
    ['percent-encoded', 'http://%31%32%37.0.0.1:PORT/', 'http://127%2e0%2E0%2e1:PORT/', 'http://%30:PORT/'],
    ['full-width', 'http://１２７.０.０.１:PORT/', 'http://０ｘ７ｆ．１:PORT/', 'http://127．0．0．1:PORT/'],
    ['enclosed', 'http://①②⑦.⓪.⓪.①:PORT/', 'http://⑫7.0.0.1:PORT/', 'http://𝟏𝟐𝟕.𝟎.𝟎.𝟏:PORT/'],
    ['with other dots', 'http://127。0。0。1:PORT/', 'http://127｡0｡0｡1:PORT/', 'http://127．1:PORT/'],
    [
      'invisible',
      'http://127.0.0\u00ad.1:PORT/',
      'http://127.\u200b0.0.1:PORT/',
      'http://loc\u2060alhost:PORT/',
    ],
    ['broken up', 'http://12\t7.0.\n0.1:PORT/', ' http://127.0.0.1:PORT/ ', '\u0001http://127.0.0.1:PORT/'],
    ['odd slashes', 'http:127.0.0.1:PORT/', 'http:\\\\127.0.0.1:PORT/', 'http:////127.0.0.1:PORT/'],
    [
      'user info',
      'http://example.org@127.0.0.1:PORT/',
      'http://a:b@c:d@127.0.0.1:PORT/',
      'http://8.8.8.8%2f@127.1:PORT/',
    ],
    ['a fragment', 'http://127.0.0.1:PORT#@example.org/', 'http://127.0.0.1:PORT?@example.org/'],
    ['a backslash', 'http://127.0.0.1:PORT\\@example.org/', 'http://127.0.0.1:PORT\\.example.org/'],
    ['unspecified', 'http://0.0.0.0:PORT/', 'http://0x0:PORT/', 'http://00000000:PORT/'],
    [
      'mapped',
      'http://[::ffff:127.0.0.1]:PORT/',
      'http://[::FFFF:7F00:1]:PORT/',
      'http://[0:0:0:0:0:ffff:7f00:0001]:PORT/',
    ],
    [
      'localhost',
      'http://localhost:PORT/',
      'http://LOCALHOST.:PORT/',
      'http://a.LocalHost:PORT/',
      'http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/',
    ],
    ['in the hosts file', 'http://inner.test:PORT/', 'http://INNER.TEST.:PORT/', 'http://inner2.test:PORT/'],
    [
      'by DNS',
      'http://loopback.test:PORT/',
      'http://LOOPBACK.test.:PORT/',
      'http://alias.test:PORT/',
      'http://loopback:PORT/',
      'http://zero.test:PORT/',
      'http://mapped.test:PORT/',
    ],
    ...(hasIpv6
      ? [
          [
            'IPv6',
            'http://[::1]:PORT/',
            'http://[0:0:0:0:0:0:0:1]:PORT/',
            'http://[0000::0001]:PORT/',
            'http://[::]:PORT/',
            'http://six.test:PORT/',
            'http://inner6.test:PORT/',
          ] as const,
        ]
      : []),
  ];
  for (const [how, ...urls] of SPELLINGS) {
    for (const url of urls) {
      it(`gets no packet, written ${how}: ${JSON.stringify(url)}`, async () => {
        forbidden(await fetcherWith({ resolve: names.resolve, privateTargets: NONE })(at(url)));
        sentNothing();
        expect(answered(await allowing(...LOOPBACK)(at(url))).body).to.equal('reached');
      });
    }
  }

  /** Where these lead nobody finds out, here. */
  const ELSEWHERE: readonly (readonly [url: string, detail: RegExp])[] = [
    ['http://127.255.255.254:PORT/', /^127\.255\.255\.254 is this machine itself/],
    ['http://127.65535:PORT/', /^127\.0\.255\.255 is this machine itself/],
    ['http://[::127.0.0.1]:PORT/', /^::7f00:1 is not public/],
    ['http://[::ffff:0:127.0.0.1]:PORT/', /^127\.0\.0\.1 is this machine itself/],
    ['http://[64:ff9b::127.0.0.1]:PORT/', /^127\.0\.0\.1 is this machine itself/],
    ['http://[64:ff9b:1::7f00:1]:PORT/', /^64:ff9b:1::7f00:1 is not public/],
    ['http://[2002:7f00:1::]:PORT/', /^2002:7f00:1:: is for tunnels/],
    ['http://[2001::80ff:fffe]:PORT/', /^2001::80ff:fffe is for tunnels/],
    ['http://[fe80::5efe:7f00:1]:PORT/', /^fe80::5efe:7f00:1 is link-local/],
    ['http://[fec0::1]:PORT/', /^fec0::1 is private/],
    ['http://[ff02::1]:PORT/', /^ff02::1 is multicast/],
    ['http://255.255.255.255:PORT/', /^255\.255\.255\.255 is reserved/],
    ['http://0xa9fea9fe:PORT/', /^169\.254\.169\.254 serves cloud metadata/],
    ['http://0251.0376.0251.0376:PORT/', /^169\.254\.169\.254 serves cloud metadata/],
    ['http://[::ffff:a9fe:a9fe]:PORT/', /^169\.254\.169\.254 serves cloud metadata/],
    ['http://[fd00:ec2::254]:PORT/', /^fd00:ec2::254 serves cloud metadata/],
    ['http://metadata.test:PORT/', /^169\.254\.169\.254 serves cloud metadata/],
    ['http://nat64.test:PORT/', /^127\.0\.0\.1 is this machine itself/],
    [
      'http://private.test:PORT/',
      /^10\.0\.0\.1 is private.* 10\.0\.0\.1\/32,192\.168\.0\.1\/32,fd00::1\/128,fe80::1\/128$/,
    ],
  ];
  for (const [url, detail] of ELSEWHERE) {
    it(`gets no packet: ${url}`, async () => {
      expect(forbidden(await allowing()(at(url)))).to.match(detail);
      sentNothing();
    });
  }

  for (const url of [
    'http://169.254.169.254:PORT/',
    'http://metadata.test:PORT/',
    'http://[::ffff:169.254.169.254]:PORT/',
  ]) {
    it(`that serves cloud metadata gets no packet even with all: ${url}`, async () => {
      const fetchOnce = fetcherWith({ resolve: names.resolve, privateTargets: { all: true, ranges: [] } });
      expect(forbidden(await fetchOnce(at(url)))).to.match(
        /--allow-private-targets 169\.254\.169\.254\/32,all$/,
      );
    });
  }

  /** What a careless parser would take for this machine. */
  const NO_PLACES: readonly string[] = [
    'http://127.0.0.1\t.test:PORT/',
    'http://example.test\\@127.0.0.1:PORT/',
    'http://example.test#@127.0.0.1:PORT/',
    'http://4294967297:PORT/',
    'http://127.0.0.1%00.test:PORT/',
    'http://[::1%25lo]:PORT/',
    'http://[::1%lo]:PORT/',
    'http://127.0.0.256:PORT/',
    'http://0x7f.0.0.0.1:PORT/',
    'http://127.0.0.1..:PORT/',
    'http://localhost..:PORT/',
    'http://broken.test:PORT/',
    'http://127.0.0.1.test:PORT/',
  ];
  for (const url of NO_PLACES) {
    it(`is not the target of ${JSON.stringify(url)}, which gets no packet either`, async () => {
      const { cause } = failed(await allowing(...LOOPBACK)(at(url)));
      expect(cause).to.be.oneOf(['request_invalid', 'dns_not_found']);
      sentNothing();
    });
  }

  describe('among other addresses of a name', () => {
    it('is skipped: only permitted addresses are dialled', async () => {
      expect(answered(await allowing('127.0.0.1')(at('http://mixed.test:PORT/'))).body).to.equal('reached');
      expect(trap.reachedAt).to.deep.equal(['127.0.0.1']);
    });

    it('is skipped even if the others refuse the connection', async () => {
      const closed = await setTrap();
      await closed.close();
      const failure = failed(await allowing('127.0.0.1')(`http://mixed.test:${closed.port}/`));
      expect(failure.cause).to.equal('connect_refused');
      expect(failure.hops.at(-1)?.address).to.be.oneOf([null, '127.0.0.1']);
    });

    it('is skipped if only one family is wanted', async () => {
      const fetchOnce = allowing('127.0.0.1');
      forbidden(await fetchOnce(at('http://mixed.test:PORT/'), { ipFamily: 6 }));
      sentNothing();
    });
  });

  describe('that a DNS answer changes to', () => {
    /** First what may be, from then on what may not; neither to be kept. */
    const rebinding = (): (() => readonly string[]) => {
      const told: string[] = [];
      says = name => {
        if (name !== 'rebind.test') return undefined;
        const a = told.length < 2 ? '127.0.0.1' : '127.0.0.2'; // one question for each family
        told.push(a);
        return { a: [a], ttlSeconds: 0 };
      };
      return () => told;
    };

    it('is not looked up again between the guard and the connection', async () => {
      const told = rebinding();
      const fetchOnce = allowing('127.0.0.1');
      expect(answered(await fetchOnce(at('http://rebind.test:PORT/'))).body).to.equal('reached');
      expect(told()).to.have.lengthOf(2);
      expect(trap.reachedAt).to.deep.equal(['127.0.0.1']);
    });

    it('is refused at the next check', async () => {
      rebinding();
      const fetchOnce = allowing('127.0.0.1');
      answered(await fetchOnce(at('http://rebind.test:PORT/')));
      forbidden(await fetchOnce(at('http://rebind.test:PORT/')));
      expect(trap.reachedAt).to.deep.equal(['127.0.0.1']);
    });

    it('is refused at the next hop, even if the redirect is to the same name', async () => {
      rebinding();
      const website = await startScriptedWebsite({ acts: { '/': redirectTo('/again'), '*': respond() } });
      forbidden(await allowing('127.0.0.1')(`http://rebind.test:${website.port}/`));
      await website.close();
      expect(website.requests.map(({ path }) => path)).to.deep.equal(['/']);
    });
  });

  describe('that a redirect leads to', () => {
    const PLACES: readonly string[] = [
      'http://127.0.0.2:PORT/',
      '//127.0.0.2:PORT/',
      '/\\127.0.0.2:PORT/',
      'http:\\\\127.0.0.2:PORT/',
      'HTTP://2130706434:PORT/',
      'http://0x7f.2:PORT/',
      'http://0177.0.0.2:PORT/',
      'http://127.0.0.2.:PORT/',
      'http://%31%32%37.0.0.2:PORT/',
      'http://127.0.0.1@127.0.0.2:PORT/',
      'http://127.0.0.2:PORT\\@127.0.0.1/',
      '\thttp://127.0.0.2:PORT/',
      'http://0.0.0.0:PORT/',
      'http://[::1]:PORT/',
      'http://[::ffff:127.0.0.2]:PORT/',
      'http://[::ffff:0:7f00:2]:PORT/',
      'http://[64:ff9b::7f00:2]:PORT/',
      'http://other-loopback.test:PORT/',
      'http://other-loopback:PORT/',
      'http://169.254.169.254:PORT/',
      'http://metadata.test:PORT/',
      'https://127.0.0.2:PORT/',
    ];
    for (const place of PLACES) {
      it(`gets no packet: ${JSON.stringify(place)}`, async () => {
        const website = await startScriptedWebsite({ acts: { '*': redirectTo(at(place)) } });
        const answer = await allowing('127.0.0.1')(website.origin);
        await website.close();
        forbidden(answer);
        expect(failed(answer)).to.have.property('httpStatus', 302);
        expect(failed(answer).hops.map(({ address }) => address)).to.deep.equal(['127.0.0.1', null]);
        sentNothing();
      });
    }

    for (const status of [301, 302, 303, 307, 308]) {
      it(`gets no packet for status ${status}`, async () => {
        const acts = { '*': redirectTo(at('http://127.0.0.2:PORT/'), status) };
        const website = await startScriptedWebsite({ acts });
        const answer = await allowing('127.0.0.1')(website.origin);
        await website.close();
        forbidden(answer);
        sentNothing();
      });
    }

    it('gets no packet from https to http', async () => {
      const authority = createAuthority();
      const identity = createIdentity(['127.0.0.1'], authority);
      const acts = { '*': redirectTo(at('http://127.0.0.2:PORT/')) };
      const website = await startScriptedWebsite({ acts, identity });
      const privateTargets = { all: false, ranges: ['127.0.0.1'] };
      const answer = await fetcherWith({ ca: authority.cert, privateTargets })(website.origin);
      await website.close();
      forbidden(answer);
      expect(website.requests).to.have.lengthOf(1);
      sentNothing();
    });

    it('gets no packet at the last of several hops', async () => {
      const acts = {
        '/1': redirectTo('/2'),
        '/2': redirectTo('/3'),
        '*': redirectTo(at('//127.0.0.2:PORT')),
      };
      const website = await startScriptedWebsite({ acts });
      const answer = await allowing('127.0.0.1')(`${website.origin}/1`);
      await website.close();
      forbidden(answer);
      expect(failed(answer).hops).to.have.lengthOf(4);
      sentNothing();
    });
  });

  it('gets no packet by default', async () => {
    const fetch = createFetch({ resolve: names.resolve });
    const target = aTarget({ url: at('http://127.0.0.1:PORT/') });
    forbidden(await firstValueFrom(fetch(target, performance.now() + 5000)));
    sentNothing();
  });
});
