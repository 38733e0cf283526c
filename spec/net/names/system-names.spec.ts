import { expect } from 'chai';
import { parseHosts } from '../../../lib/net/names/hosts-file.ts';
import { candidateNames, parseSearchList } from '../../../lib/net/names/search-list.ts';

describe('parseHosts', () => {
  it('finds every name of an address, in any case', () => {
    const hosts = parseHosts('127.0.0.1\tlocalhost  Db.Internal\n::1 localhost # not this\n');
    expect(hosts.get('db.internal')).to.deep.equal([{ address: '127.0.0.1', family: 4 }]);
    expect(hosts.get('localhost')).to.deep.equal([
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ]);
    expect([...hosts.keys()]).to.deep.equal(['localhost', 'db.internal']);
  });

  it('skips comments and lines that do not start with an address', () => {
    expect(parseHosts('# 10.0.0.1 a\n\nnonsense b\n10.0.0.300 c\n').size).to.equal(0);
  });
});

describe('parseSearchList', () => {
  it('reads what Kubernetes writes', () => {
    const text =
      'nameserver 10.0.0.10\nsearch a.svc.cluster.local svc.cluster.local\noptions edns0 ndots:5\n';
    expect(parseSearchList(text)).to.deep.equal({
      domains: ['a.svc.cluster.local', 'svc.cluster.local'],
      ndots: 5,
    });
  });

  it('uses the last of several lines', () => {
    expect(parseSearchList('domain a\nsearch b c\n').domains).to.deep.equal(['b', 'c']);
  });

  it('defaults to no domain and one dot', () => {
    expect(parseSearchList('')).to.deep.equal({ domains: [], ndots: 1 });
    expect(parseSearchList('search .\noptions ndots:99\n')).to.deep.equal({ domains: [], ndots: 15 });
  });
});

describe('candidateNames', () => {
  const list = { domains: ['one', 'two'], ndots: 2 };
  const CASES: readonly (readonly [hostname: string, names: readonly string[]])[] = [
    ['db', ['db.one', 'db.two', 'db']],
    ['a.db', ['a.db.one', 'a.db.two', 'a.db']],
    ['b.a.db', ['b.a.db', 'b.a.db.one', 'b.a.db.two']],
    ['db.', ['db.']],
  ];
  for (const [hostname, names] of CASES) {
    it(`tries ${names.join(', ')} for ${hostname}`, () =>
      expect(candidateNames(hostname, list)).to.deep.equal(names));
  }
});
