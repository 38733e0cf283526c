import { expect } from 'chai';
import { dsnProblem, parseDsn } from '../../lib/domain/dsn.ts';

describe('A DSN', () => {
  const servers: readonly (readonly [dsn: string, ...servers: (readonly [name: string, dsn: string])[]])[] = [
    ['postgres://h/db', ['h:5432', 'postgres://h/db']],
    ['postgres://u:p%40@h:5433/db?options=-c%20x', ['h:5433', 'postgres://u:p%40@h:5433/db?options=-c%20x']],
    ['postgres://u@[::1]:5433/db?sslmode=disable', ['[::1]:5433', 'postgres://u@[::1]:5433/db']],
    [
      'postgres://u:p@h1:5432,h2:5433/db?target_session_attrs=read-write&application_name=a',
      ['h1:5432', 'postgres://u:p@h1:5432/db?application_name=a'],
      ['h2:5433', 'postgres://u:p@h2:5433/db?application_name=a'],
    ],
    ['postgres://u@h1,[::1]/db', ['h1:5432', 'postgres://u@h1/db'], ['[::1]:5432', 'postgres://u@[::1]/db']],
    [
      'postgres:///db?host=h1,/tmp&port=5433',
      ['h1:5433', 'postgres://h1:5433/db'],
      ['/tmp', 'postgres:///db?host=%2Ftmp&port=5433'],
    ],
    ['postgres://u:p@/d?host=/tmp', ['/tmp', 'postgres://u:p@/d?host=%2Ftmp']],
    ['postgres://u@%2Fvar%2Frun/d', ['/var/run', 'postgres://u@/d?host=%2Fvar%2Frun']],
    ['postgres:///db', ['localhost:5432', 'postgres:///db']],
  ];
  for (const [dsn, ...expected] of servers) {
    it(`${dsn} names ${expected.map(([name]) => name).join(' and ')}`, () => {
      const found = parseDsn(dsn).servers.map(({ name, dsn }) => [name, dsn]);
      expect(found).to.deep.equal(expected);
    });
  }

  const read: readonly (readonly [query: string, part: object])[] = [
    ['', { wanted: 'any', isShuffled: false, tlsMode: 'prefer', connectTimeoutMs: null, key: null }],
    [
      'target_session_attrs=prefer-standby&load_balance_hosts=random',
      { wanted: 'prefer-standby', isShuffled: true },
    ],
    ['sslmode=allow', { tlsMode: 'allow' }],
    ['channel_binding=prefer&gssencmode=disable&sslcrl=', { tlsMode: 'prefer' }],
    ['ssl=true', { tlsMode: 'require' }],
    ['ssl=0', { tlsMode: 'disable' }],
    ['sslmode=no-verify', { tlsMode: 'no-verify' }],
    ['sslrootcert=system', { tlsMode: 'verify-full', rootCertificate: 'system' }],
    [
      'sslmode=require&sslrootcert=/c%2B%2B/a+b.crt&sslcert=c&sslkey=k&sslpassword=p',
      { tlsMode: 'require', rootCertificate: '/c++/a+b.crt', certificate: 'c', key: 'k', passphrase: 'p' },
    ],
    ['connect_timeout=10', { connectTimeoutMs: 10_000 }],
    ['connect_timeout=1', { connectTimeoutMs: 2_000 }],
    ['connect_timeout=0', { connectTimeoutMs: null }],
  ];
  for (const [query, part] of read) {
    it(`with ${query || 'nothing more'} is read as libpq reads it`, () => {
      expect(parseDsn(`postgres://h/db?${query}`)).to.deep.include(part);
    });
  }

  const refused: readonly (readonly [dsn: string, problem: RegExp])[] = [
    ['postgres://u:p%@h/db', /^must be a PostgreSQL URL, as in/],
    ['postgres://u:p#w@h/db', /^must be a PostgreSQL URL/],
    ['host=h dbname=db', /^must be a PostgreSQL URL/],
    ['postgres://h:0/db', /^must be a PostgreSQL URL/],
    ['postgres://h1,h2:5433,/db', /^must have no empty host/],
    ['postgres:///db?host=h1,h2,h3&port=1,2', /^must have one port, or one for each host$/],
    [
      'postgres://h/db?sslmode=verify',
      /^must have sslmode as one of disable, allow, prefer, require, verify-ca/,
    ],
    ['postgres://h/db?channel_binding=require', /^must not have channel_binding, which is not supported$/],
    ['postgres://h/db?sslcrl=/crl.pem', /^must not have sslcrl/],
    ['postgres://h/db?gssencmode=require', /^must not have gssencmode/],
    ['postgres://h/db?ssl_min_protocol_version=TLSv1.3', /^must not have ssl_min_protocol_version/],
    ['postgres://h/db?hostaddr=10.0.0.1', /^must not have hostaddr/],
    ['postgres://h/db?ssl=yes', /^must have ssl as one of true, 1, false, 0, no-verify$/],
    ['postgres://h/db?ssl=TRUE', /^must have ssl as one of/],
    ['postgres://h/db?ssl=constructor', /^must have ssl as one of/],
    [
      'postgres://h/db?target_session_attrs=write',
      /^must have target_session_attrs as one of any, read-write/,
    ],
    ['postgres://h/db?load_balance_hosts=yes', /^must have load_balance_hosts as one of disable, random$/],
    ['postgres://h/db?connect_timeout=2s', /^must have connect_timeout as whole seconds$/],
    [
      'postgres://h/db?sslrootcert=system&sslmode=require',
      /^must have sslmode=verify-full with sslrootcert=system$/,
    ],
  ];
  for (const [dsn, problem] of refused) {
    it(`${dsn} is refused, and the sentence says why`, () => expect(dsnProblem(dsn)).to.match(problem));
  }
});
