import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import type { DnsCause, Resolution } from '../../../lib/net/names/resolution.ts';
import type { NameResolver, NameResolverSettings } from '../../../lib/net/names/resolve-name.ts';
import { createNameResolver } from '../../../lib/net/names/resolve-name.ts';
import type { Saying, ScriptedNameServer } from '../../support/scripted-name-server.ts';
import { startScriptedNameServer } from '../../support/scripted-name-server.ts';

const never = new AbortController().signal;

const SAYINGS: Readonly<Record<string, Saying>> = {
  'four.test': { a: ['10.0.0.4', '10.0.0.5'] },
  'six.test': { aaaa: ['2001:db8::6'] },
  'both.test': { a: ['10.0.0.4'], aaaa: ['2001:db8::6'] },
  'brief.test': { a: ['10.0.0.4'], ttlSeconds: 0 },
  'empty.test': {},
  'alias.test': { cname: 'elsewhere.test' },
  'broken.test': 'server-failure',
  'refused.test': 'refused',
  'silent.test': 'silence',
  'db.one.test': { a: ['10.0.0.1'] },
};

const addressesOf = (resolution: Resolution): readonly string[] =>
  resolution.kind === 'resolved' ? resolution.addresses.map(({ address }) => address) : [resolution.cause];

describe('createNameResolver', () => {
  let nameServer: ScriptedNameServer;
  let resolver: NameResolver;
  let folder: string;

  const say = (name: string, type: string): Saying => {
    if (name === 'ipv6-silent.test') return type === 'A' ? { a: ['10.0.0.4'] } : 'silence';
    if (type === 'NS') return 'no-such-name'; // whatever it says, it lives
    return SAYINGS[name] ?? 'no-such-name';
  };
  const write = (file: string, text: string): string => {
    writeFileSync(join(folder, file), text);
    return join(folder, file);
  };
  const resolverWith = (settings: NameResolverSettings = {}): NameResolver =>
    createNameResolver({
      servers: [nameServer.server],
      queryTimeoutMs: 5000,
      queryTries: 1,
      hostsPath: write('hosts', '10.0.0.9 Known.test\n::9 known.test\n'),
      resolvConfPath: write('resolv.conf', 'search one.test two.test\n'),
      ...settings,
    });
  const resolve = async (name: string, stop = never) => addressesOf(await resolver.resolve(name, stop));

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'website-monitor-names-'));
    nameServer = await startScriptedNameServer(say);
    resolver = resolverWith();
  });
  afterEach(async () => {
    resolver.close();
    await nameServer.close();
    rmSync(folder, { recursive: true });
  });

  const ANSWERED: readonly (readonly [name: string, addresses: readonly string[]])[] = [
    ['four.test', ['10.0.0.4', '10.0.0.5']],
    ['six.test', ['2001:db8::6']],
    ['both.test', ['10.0.0.4', '2001:db8::6']],
    ['ipv6-silent.test', ['10.0.0.4']],
    ['four.test.', ['10.0.0.4', '10.0.0.5']],
    ['db', ['10.0.0.1']],
  ];
  for (const [name, addresses] of ANSWERED) {
    it(`finds ${addresses.join(' and ')} for ${name}`, async () => {
      expect(await resolve(name)).to.deep.equal(addresses);
    });
  }

  const UNASKED: readonly (readonly [name: string, addresses: readonly string[]])[] = [
    ['10.1.2.3', ['10.1.2.3']],
    ['[2001:db8::1]', ['2001:db8::1']],
    ['localhost', ['127.0.0.1', '::1']],
    ['sub.localhost', ['127.0.0.1', '::1']],
    ['known.test', ['10.0.0.9', '::9']],
  ];
  for (const [name, addresses] of UNASKED) {
    it(`resolves ${name} without a query`, async () => {
      expect(await resolve(name)).to.deep.equal(addresses);
      expect(nameServer.questions).to.deep.equal([]);
    });
  }

  const FAILED: readonly (readonly [name: string, cause: DnsCause])[] = [
    ['missing.test', 'dns_not_found'],
    ['empty.test', 'dns_not_found'],
    ['alias.test', 'dns_not_found'],
    ['no..name.test', 'dns_not_found'],
    ['broken.test', 'dns_server_failure'],
    ['refused.test', 'resolver_unavailable'],
  ];
  for (const [name, cause] of FAILED) {
    it(`reports ${cause} for ${name}`, async () => expect(await resolve(name)).to.deep.equal([cause]));
  }

  it('reports resolver_unavailable if the resolver fails for every name: it has no upstream', async () => {
    const stub = await startScriptedNameServer(() => 'server-failure');
    const cutOff = createNameResolver({ servers: [stub.server] });
    const resolution = await cutOff.resolve('broken.test', new AbortController().signal);
    cutOff.close();
    await stub.close();
    expect(resolution).to.deep.include({ kind: 'failed', cause: 'resolver_unavailable' });
  });

  it('completes a name from the search list, in order', async () => {
    await resolve('unknown');
    const asked = nameServer.questions.filter(question => question.startsWith('A '));
    expect(asked).to.deep.equal(['A unknown.one.test', 'A unknown.two.test', 'A unknown']);
  });

  it('queries once for a name that many want', async () => {
    await Promise.all([resolve('four.test'), resolve('four.test'), resolve('four.test')]);
    await resolve('four.test');
    expect(nameServer.questions.toSorted()).to.deep.equal(['A four.test', 'AAAA four.test']);
  });

  it('caches nothing past its time to live', async () => {
    await resolve('brief.test');
    await resolve('brief.test');
    expect(nameServer.questions.filter(question => question === 'A brief.test')).to.have.lengthOf(2);
  });

  for (const name of ['broken.test', 'missing.test', 'empty.test', 'alias.test']) {
    it(`caches no failure: a confirming attempt queries ${name} again`, async () => {
      await resolve(`${name}.`);
      await resolve(`${name}.`);
      expect(nameServer.questions.filter(question => question === `A ${name}`)).to.have.lengthOf(2);
    });
  }

  it('does not let one silent name delay another', async () => {
    const silent = resolve('silent.test.');
    expect(await resolve('four.test')).to.deep.equal(['10.0.0.4', '10.0.0.5']);
    resolver.close();
    await silent;
  });

  it('reports dns_timeout at the deadline for a silent name while the resolver answers others', async () => {
    const stop = new AbortController();
    const silent = resolve('silent.test.', stop.signal);
    await resolve('four.test');
    stop.abort('deadline');
    expect(await silent).to.deep.equal(['dns_timeout']);
  });

  it('tests the resolver if only one name is wanted', async () => {
    resolver = resolverWith({ queryTimeoutMs: 700 });
    expect(await resolve('silent.test.')).to.deep.equal(['dns_timeout']);
    expect(nameServer.questions).to.include('NS ');
  });

  it('reports resolver_unavailable if the resolver answers no query', async () => {
    const deaf = await startScriptedNameServer(() => 'silence');
    resolver = resolverWith({ servers: [deaf.server], queryTimeoutMs: 300 });
    expect(await resolve('four.test')).to.deep.equal(['resolver_unavailable']);
    await deaf.close();
  });

  it('reports resolver_unavailable if nothing listens at the resolver’s address', async () => {
    await nameServer.close();
    expect(await resolve('four.test')).to.deep.equal(['resolver_unavailable']);
    nameServer = await startScriptedNameServer(say);
  });

  describe('when its files change', () => {
    let clock: sinon.SinonFakeTimers;
    beforeEach(() => {
      clock = sinon.useFakeTimers({ toFake: ['performance'] });
      resolver = resolverWith();
    });
    afterEach(() => clock.restore());

    const change = (file: string, text: string): void => {
      const path = write(file, text);
      utimesSync(path, new Date(), new Date(Date.now() + 5000));
      clock.tick(1000);
    };

    it('rereads the hosts file', async () => {
      expect(await resolve('known.test')).to.deep.equal(['10.0.0.9', '::9']);
      change('hosts', '10.0.0.8 known.test\n');
      expect(await resolve('known.test')).to.deep.equal(['10.0.0.8']);
    });

    it('rereads the search list', async () => {
      change('resolv.conf', 'search nowhere.test\n');
      expect(await resolve('db')).to.deep.equal(['dns_not_found']);
    });

    it('works without a hosts file', async () => {
      rmSync(join(folder, 'hosts'));
      clock.tick(1000);
      expect(await resolve('known.test')).to.deep.equal(['dns_not_found']);
    });
  });
});
