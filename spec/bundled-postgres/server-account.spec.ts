import { expect } from 'chai';
import { unprivilegedAccount } from '../../lib/bundled-postgres/server-account.ts';

const ROOT = 'root:x:0:0:root:/root:/bin/bash';
const TOOR = 'toor:x:0:0:another name of root:/root:/bin/sh';
const DAEMON = 'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin';
const NOBODY = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin';
const POSTGRES = 'postgres:x:101:104:PostgreSQL administrator:/var/lib/postgresql:/bin/bash';

describe('unprivilegedAccount', () => {
  for (const [title, lines, account] of [
    ['is postgres where there is one', [ROOT, DAEMON, NOBODY, POSTGRES], { uid: 101, gid: 104 }],
    ['is nobody where there is no postgres', [ROOT, DAEMON, NOBODY], { uid: 65534, gid: 65534 }],
    ['is the first other than root where there is neither', [ROOT, TOOR, DAEMON], { uid: 1, gid: 1 }],
    ['passes over lines that are no entries', ['# comment', '', '+::::::', DAEMON], { uid: 1, gid: 1 }],
    [
      'passes over a postgres that is root',
      [ROOT, 'postgres:x:0:0::/:/bin/sh', NOBODY],
      { uid: 65534, gid: 65534 },
    ],
  ] as const) {
    it(title, () => {
      expect(unprivilegedAccount(lines.join('\n'))).to.deep.equal(account);
    });
  }

  it('says what to do if root is the only user', () => {
    expect(() => unprivilegedAccount(`${ROOT}\n`)).to.throw(/lists no other user .* set the DSN/);
  });
});
