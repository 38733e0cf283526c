import { isIPv6 } from 'node:net';
import { expect } from 'chai';
import type { PrivateTargets } from '../../../lib/domain/target/private-targets.ts';
import { createAddressGuard } from '../../../lib/net/guard/address-guard.ts';

const NONE: PrivateTargets = { all: false, ranges: [] };
const ALL: PrivateTargets = { all: true, ranges: [] };
const only = (...ranges: string[]): PrivateTargets => ({ all: false, ranges });

const ask = (allowed: PrivateTargets, ...addresses: string[]) =>
  createAddressGuard(allowed)(addresses.map(address => ({ address, family: isIPv6(address) ? 6 : 4 })));

/** `passes`, or why it does not: what stands before the colon. */
const verdict = (address: string, allowed = NONE): string => {
  const permission = ask(allowed, address);
  return permission.kind === 'permitted' ? 'passes' : (permission.detail.split(': to check')[0] ?? '');
};

describe('createAddressGuard', () => {
  /** Each range's own ends, and its neighbours on either side where those are public. */
  const RANGES: readonly (readonly [what: string, ends: readonly string[], neighbours: readonly string[]])[] =
    [
      ['this machine itself', ['0.0.0.0', '0.255.255.255'], ['1.0.0.0']],
      ['private', ['10.0.0.0', '10.255.255.255'], ['9.255.255.255', '11.0.0.0']],
      ['shared behind a carrier’s NAT', ['100.64.0.0', '100.127.255.255'], ['100.63.255.255', '100.128.0.0']],
      ['this machine itself', ['127.0.0.0', '127.255.255.255'], ['126.255.255.255', '128.0.0.0']],
      ['link-local', ['169.254.0.0', '169.254.255.255'], ['169.253.255.255', '169.255.0.0']],
      ['private', ['172.16.0.0', '172.31.255.255'], ['172.15.255.255', '172.32.0.0']],
      ['reserved', ['192.0.0.0', '192.0.0.255'], ['191.255.255.255', '192.0.1.0']],
      ['for documentation', ['192.0.2.0', '192.0.2.255'], ['192.0.1.255', '192.0.3.0']],
      ['for tunnels', ['192.88.99.0', '192.88.99.255'], ['192.88.98.255', '192.88.100.0']],
      ['private', ['192.168.0.0', '192.168.255.255'], ['192.167.255.255', '192.169.0.0']],
      ['for benchmarks', ['198.18.0.0', '198.19.255.255'], ['198.17.255.255', '198.20.0.0']],
      ['for documentation', ['198.51.100.0', '198.51.100.255'], ['198.51.99.255', '198.51.101.0']],
      ['for documentation', ['203.0.113.0', '203.0.113.255'], ['203.0.112.255', '203.0.114.0']],
      ['multicast', ['224.0.0.0', '239.255.255.255'], ['223.255.255.255']],
      ['reserved', ['240.0.0.0', '255.255.255.255'], []],

      ['this machine itself', ['::', '::1'], []],
      ['not public', ['::2', '::fffe:ffff:ffff', '::1:0:0:0', '64:ff9a::', '64:ff9b::1:0:0'], []],
      ['not public', ['64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff'], []],
      ['not public', ['100::', '100::ffff:ffff:ffff:ffff', '100:0:0:1::', '100::1:ffff:ffff:ffff:ffff'], []],
      ['not public', ['200::', '1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'], ['2000::']],
      [
        'for tunnels',
        ['2001::', '2001:0:ffff:ffff:ffff:ffff:ffff:ffff'],
        ['2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
      ],
      [
        'reserved',
        ['2001:1::', '2001:1::1', '2001:1::2', '2001:1::3', '2001:1:ffff:ffff:ffff:ffff:ffff:ffff'],
        [],
      ],
      ['for benchmarks', ['2001:2::', '2001:2:0:ffff:ffff:ffff:ffff:ffff'], []],
      ['reserved', ['2001:2:1::', '2001:3::', '2001:4:112::', '2001:f:ffff:ffff:ffff:ffff:ffff:ffff'], []],
      ['reserved', ['2001:10::', '2001:1f:ffff:ffff:ffff:ffff:ffff:ffff', '2001:20::', '2001:3f::'], []],
      ['reserved', ['2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff'], ['2001:200::']],
      [
        'for documentation',
        ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
        ['2001:db7:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db9::'],
      ],
      [
        'for tunnels',
        ['2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
        ['2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2003::'],
      ],
      [
        'for documentation',
        ['3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'],
        ['3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '3fff:1000::'],
      ],
      ['not public', ['4000::'], ['3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']],
      [
        'not public',
        ['5f00::', '5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
        [],
      ],
      ['private', ['fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'], []],
      ['not public', ['fe00::', 'fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff'], []],
      ['link-local', ['fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'], []],
      ['private', ['fec0::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'], []],
      ['multicast', ['ff00::', 'ff02::1', 'ff0e::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'], []],
    ];
  for (const [what, ends, neighbours] of RANGES) {
    for (const address of ends) {
      it(`refuses ${address}, which is ${what}`, () =>
        expect(verdict(address)).to.equal(`${address} is ${what}`));
    }
    for (const address of neighbours) {
      it(`permits ${address}, next to a range that is ${what}`, () =>
        expect(verdict(address)).to.equal('passes'));
    }
  }

  for (const address of [
    '8.8.8.8',
    '192.31.196.1',
    '192.52.193.1',
    '192.175.48.1',
    '2606:4700::1111',
    '2620:4f:8000::1',
  ]) {
    it(`permits ${address}`, () => expect(verdict(address)).to.equal('passes'));
  }

  describe('given an IPv6 address that represents an IPv4 one', () => {
    const SPELLED: readonly (readonly [spelling: string, meaning: string])[] = [
      ['::ffff:127.0.0.1', '127.0.0.1 is this machine itself'],
      ['::ffff:7f00:1', '127.0.0.1 is this machine itself'],
      ['0:0:0:0:0:FFFF:10.1.2.3', '10.1.2.3 is private'],
      ['::ffff:0:127.0.0.1', '127.0.0.1 is this machine itself'],
      ['::ffff:0:c0a8:101', '192.168.1.1 is private'],
      ['64:ff9b::127.0.0.1', '127.0.0.1 is this machine itself'],
      ['64:FF9B::AC10:1', '172.16.0.1 is private'],
      ['64:ff9b::e000:1', '224.0.0.1 is multicast'],
      ['::ffff:8.8.8.8', 'passes'],
      ['::ffff:0:8.8.8.8', 'passes'],
      ['64:ff9b::808:808', 'passes'],
    ];
    for (const [spelling, meaning] of SPELLED) {
      it(`judges the IPv4 address: ${spelling}`, () => expect(verdict(spelling)).to.equal(meaning));
    }
  });

  it('does not take a range of IPv6 addresses for the IPv4 ones that they may spell', () => {
    const guarded = (range: string, address: string): string =>
      createAddressGuard({ all: false, ranges: [range] })([{ address, family: 6 }]).kind;
    for (const range of ['::/0', '::/1', '::/64', '::/80', '64:ff9b::/64']) {
      for (const address of ['::ffff:10.0.0.1', '::ffff:0:127.0.0.1', '64:ff9b::a00:1']) {
        expect(guarded(range, address), `${address} in ${range}`).to.equal('refused');
      }
    }
    expect(guarded('::/0', 'fd12::1')).to.equal('permitted');
    expect(guarded('64:ff9b::/96', '64:ff9b::a00:1')).to.equal('permitted');
    expect(guarded('::ffff:0:0/96', '::ffff:10.0.0.1')).to.equal('permitted');
    expect(guarded('10.0.0.0/8', '64:ff9b::a00:1')).to.equal('permitted');
  });

  describe('given an IPv6 address that is translated or tunnelled to an IPv4 one', () => {
    const CARRIERS: readonly (readonly [carrier: string, why: string])[] = [
      ['::8.8.8.8', '::808:808 is not public'],
      ['::127.0.0.1', '::7f00:1 is not public'],
      ['64:ff9b:1::8.8.8.8', '64:ff9b:1::808:808 is not public'],
      ['2002:808:808::1', '2002:808:808::1 is for tunnels'],
      ['2002:7f00:1::', '2002:7f00:1:: is for tunnels'],
      ['2001:0:808:808::80ff:fffe', '2001:0:808:808::80ff:fffe is for tunnels'],
      ['2a00:1450::5efe:127.0.0.1', '2a00:1450::5efe:7f00:1 is for tunnels'],
      ['2a00:1450::200:5efe:10.0.0.1', '2a00:1450::200:5efe:a00:1 is for tunnels'],
      ['fe80::5efe:8.8.8.8', 'fe80::5efe:808:808 is link-local'],
    ];
    for (const [carrier, why] of CARRIERS) {
      it(`refuses it: ${carrier}`, () => expect(verdict(carrier)).to.equal(why));
    }
  });

  describe('given something other than a plain address', () => {
    for (const address of [
      '',
      'localhost',
      '127.1',
      '0x7f000001',
      '0177.0.0.1',
      '1.2.3.4 ',
      '[::1]',
      '::1]/',
      '8.8.8.8/32',
    ]) {
      it(`refuses ${JSON.stringify(address)}`, () =>
        expect(verdict(address, ALL)).to.equal('the host has an invalid address'));
    }

    for (const address of ['fe80::1%eth0', 'FE80::1%1', 'fe80:0:0:0:0:0:0:1%25lo']) {
      it(`judges ${address} without its zone`, () =>
        expect(verdict(address)).to.equal('fe80::1 is link-local'));
    }

    it('keeps the zone of a permitted address', () => {
      expect(ask(only('fe80::/10'), 'fe80::1%eth0')).to.deep.equal({
        kind: 'permitted',
        addresses: [{ address: 'fe80::1%eth0', family: 6 }],
      });
    });

    it('refuses a host without addresses', () =>
      expect(ask(ALL)).to.deep.equal({ kind: 'refused', detail: 'the host has no address' }));
  });

  describe('with allowed ranges', () => {
    const ALLOWED: readonly (readonly [
      range: string,
      opens: readonly string[],
      leaves: readonly string[],
    ])[] = [
      [
        '127.0.0.1',
        ['127.0.0.1', '::ffff:127.0.0.1', '64:ff9b::7f00:1'],
        ['127.0.0.2', '::1', '::127.0.0.1'],
      ],
      ['127.0.0.1/32', ['127.0.0.1'], ['127.0.0.0', '10.0.0.1']],
      ['10.0.0.0/8', ['10.0.0.0', '10.255.255.255', '::ffff:a01:203'], ['127.0.0.1', '172.16.0.1']],
      ['10.20.30.40/30', ['10.20.30.40', '10.20.30.43'], ['10.20.30.39', '10.20.30.44']],
      ['192.168.0.0/23', ['192.168.1.255'], ['192.168.2.0']],
      ['0.0.0.0/0', ['127.0.0.1', '255.255.255.255', '64:ff9b::7f00:1'], ['::1', '::7f00:1', 'fd00::1']],
      ['::/0', ['::1', 'fd00::1', 'ff02::1'], ['127.0.0.1', '10.0.0.1']],
      ['::1', ['::1', '0:0:0:0:0:0:0:1'], ['::', '127.0.0.1']],
      ['fd00::/8', ['fd12:3456::1'], ['fc00::1', 'fe80::1']],
      ['FD00:0:0::/121', ['fd00::7f'], ['fd00::80']],
      ['::ffff:10.0.0.0/104', ['10.1.2.3', '::ffff:10.1.2.3'], ['172.16.0.1', '127.0.0.1']],
      ['::ffff:0:0/96', ['127.0.0.1', '::ffff:7f00:1'], ['::1', '::7f00:1']],
      ['64:ff9b::/96', ['64:ff9b::7f00:1'], ['127.0.0.1', '::ffff:7f00:1']],
      ['2002::/16', ['2002:7f00:1::'], ['127.0.0.1', '192.88.99.1']],
    ];
    for (const [range, opens, leaves] of ALLOWED) {
      for (const address of opens) {
        it(`${range} permits ${address}`, () => expect(verdict(address, only(range))).to.equal('passes'));
      }
      for (const address of leaves) {
        it(`${range} does not permit ${address}`, () =>
          expect(verdict(address, only(range))).to.not.equal('passes'));
      }
      it(`${range} still permits public addresses`, () =>
        expect(verdict('8.8.8.8', only(range))).to.equal('passes'));
    }

    it('permits each of several ranges', () => {
      const allowed = only('10.0.0.0/8', 'fd00::/8');
      expect([verdict('10.0.0.1', allowed), verdict('fd00::1', allowed)]).to.deep.equal(['passes', 'passes']);
      expect(verdict('127.0.0.1', allowed)).to.equal('127.0.0.1 is this machine itself');
    });

    for (const [, ends] of RANGES) {
      it(`all permits ${ends[0]}`, () => expect(verdict(ends[0] ?? '', ALL)).to.equal('passes'));
    }

    for (const range of [
      '',
      'localhost',
      '10.0.0.0/33',
      '::/129',
      '10.0.0.0/',
      '10.0.0.0/-1',
      '10.0.0/8',
      '10.0.0.0/0x8',
      '10.0.0.0/8/8',
      '10.0.0.0/8 ',
      'fe80::1%eth0/8',
    ]) {
      it(`rejects ${JSON.stringify(range)} as a range`, () =>
        expect(() => createAddressGuard(only(range))).to.throw(RangeError, 'must be an address, or a range'));
    }
  });

  describe('given cloud metadata', () => {
    const METADATA: readonly (readonly [address: string, spelled: string, covering: string])[] = [
      ['169.254.169.254', '::ffff:a9fe:a9fe', '169.254.0.0/16'],
      ['169.254.169.252', '64:ff9b::a9fe:a9fc', '169.254.169.252/31'],
      ['169.254.170.2', '::ffff:169.254.170.2', '169.254.0.0/16'],
      ['169.254.170.23', '::ffff:0:a9fe:aa17', '169.254.0.0/16'],
      ['169.254.42.42', '64:ff9b::169.254.42.42', '0.0.0.0/0'],
      ['169.254.0.23', '::ffff:169.254.0.23', '169.254.0.0/24'],
      ['169.254.10.10', '::ffff:169.254.10.10', '169.254.0.0/16'],
      ['100.100.100.200', '::ffff:6464:64c8', '100.64.0.0/10'],
      ['100.96.0.96', '::ffff:100.96.0.96', '100.64.0.0/10'],
      ['100.80.80.80', '::ffff:100.80.80.80', '100.64.0.0/10'],
      ['168.63.129.16', '::ffff:a83f:8110', '168.63.0.0/16'],
      ['192.0.0.192', '::ffff:c000:c0', '192.0.0.0/24'],
      ['fd00:ec2::254', 'FD00:0EC2:0:0:0:0:0:0254', 'fd00::/8'],
      ['fd00:ec2::23', 'fd00:ec2:0::23', 'fd00:ec2::/32'],
      ['fd20:ce::254', 'fd20:ce:0:0::254', 'fc00::/7'],
      ['fd00:c1::a9fe:a9fe', 'fd00:c1::169.254.169.254', 'fd00:c1::/64'],
      ['fd00:a9fe:a9fe::1', 'fd00:a9fe:a9fe:0::1', 'fd00::/8'],
      ['fd00:100::100:200', 'fd00:100::1.0.2.0', 'fd00::/8'],
      ['fd00:42::42', 'fd00:42::0.0.0.66', 'fd00:42::42/127'],
      ['fe80::a9fe:a9fe', 'fe80::a9fe:a9fe%eth0', 'fe80::/10'],
    ];
    for (const [address, spelled, covering] of METADATA) {
      const refused = `${address} serves cloud metadata`;
      const bits = isIPv6(address) ? 128 : 32;
      const ROWS: readonly (readonly [
        what: string,
        asked: string,
        allowed: PrivateTargets,
        expected: string,
      ])[] = [
        ['nothing is', address, NONE, refused],
        ['all is', address, ALL, refused],
        [`all is, and it is spelled ${spelled}`, spelled, ALL, refused],
        [`${covering} is`, address, only(covering), refused],
        [`${covering} is, and it is spelled ${spelled}`, spelled, only(covering), refused],
        ['it is', address, only(address), 'passes'],
        [`${address}/${bits} is`, spelled, only(`${address}/${bits}`), 'passes'],
        ['it is beside all', address, { all: true, ranges: [address] }, 'passes'],
      ];
      for (const [what, asked, allowed, expected] of ROWS) {
        it(`${expected === 'passes' ? 'permits' : 'refuses'} ${address} if ${what} allowed`, () =>
          expect(verdict(asked, allowed)).to.equal(expected));
      }
    }

    it('accepts its mapped form as its name, and a translated form only for that form', () => {
      expect(verdict('169.254.169.254', only('::ffff:169.254.169.254'))).to.equal('passes');
      expect(verdict('64:ff9b::a9fe:a9fe', only('64:ff9b::a9fe:a9fe'))).to.equal('passes');
      expect(verdict('169.254.169.254', only('64:ff9b::a9fe:a9fe'))).to.not.equal('passes');
    });

    const CARRIERS: readonly (readonly [how: string, carrier: string])[] = [
      ['an IPv4-compatible address', '::169.254.169.254'],
      ['NAT64 with a prefix of its own', '2a00:1450:64::a9fe:a9fe'],
      ['NAT64 of 96 bits', '64:ff9b:1::a9fe:a9fe'],
      ['NAT64 of 64 bits', '64:ff9b:1:0:a9:fea9:fe00:0'],
      ['NAT64 of 56 bits', '64:ff9b:1:a9:fe:a9fe::'],
      ['NAT64 of 48 bits', '64:ff9b:1:a9fe:a9:fe00::'],
      ['NAT64 of 40 bits', '2a00:1450:a9:fea9:fe::'],
      ['NAT64 of 32 bits', '2a00:1450:a9fe:a9fe::'],
      ['6to4', '2002:a9fe:a9fe::1'],
      ['ISATAP', 'fe80::5efe:a9fe:a9fe'],
    ];
    for (const [how, carrier] of CARRIERS) {
      it(`refuses it even with all, by ${how}`, () =>
        expect(verdict(carrier, ALL)).to.equal('169.254.169.254 serves cloud metadata'));
      it(`permits it by ${how} if it is listed`, () =>
        expect(verdict(carrier, { all: true, ranges: ['169.254.169.254'] })).to.equal('passes'));
    }
  });

  describe('given several addresses', () => {
    it('permits the allowed ones, in order', () => {
      const permission = ask(
        NONE,
        '10.0.0.1',
        '8.8.8.8',
        '::1',
        '2606:4700::1111',
        '169.254.169.254',
        '1.1.1.1',
      );
      expect(permission).to.deep.equal({
        kind: 'permitted',
        addresses: [
          { address: '8.8.8.8', family: 4 },
          { address: '2606:4700::1111', family: 6 },
          { address: '1.1.1.1', family: 4 },
        ],
      });
    });

    it('says why the first is refused, and what to set for each, if none is permitted', () => {
      expect(ask(NONE, '127.0.0.1', '::1', '::ffff:127.0.0.1')).to.deep.equal({
        kind: 'refused',
        detail:
          '127.0.0.1 is this machine itself: to check it anyway, start with --allow-private-targets 127.0.0.1/32,::1/128',
      });
    });

    /** What a refusal says is to be set, as the setting is read. */
    const advised = (allowed: PrivateTargets, ...addresses: string[]): PrivateTargets => {
      const permission = ask(allowed, ...addresses);
      if (permission.kind === 'permitted') return allowed;
      const words = permission.detail.split(' ').at(-1)?.split(',') ?? [];
      return { all: words.includes('all'), ranges: words.filter(word => word !== 'all') };
    };

    it('suggests a sufficient setting that keeps permitted ranges', () => {
      for (const [, ends] of RANGES)
        for (const allowed of [NONE, only('10.0.0.0/8', 'fd00::/8')]) {
          const set = advised(allowed, ...ends);
          expect(ask(set, ...ends).kind, set.ranges.join()).to.equal('permitted');
          expect(set.ranges).to.include.members([...allowed.ranges]);
        }
      expect(advised(ALL, '169.254.169.254')).to.deep.equal({ all: true, ranges: ['169.254.169.254/32'] });
    });

    it('names at most eight', () => {
      const permission = ask(NONE, ...Array.from({ length: 100 }, (_, index) => `10.0.0.${index}`));
      expect(permission).to.have.property('detail').that.has.lengthOf.below(300);
    });
  });
});
