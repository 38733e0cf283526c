import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { clusterIn } from '../../lib/bundled-postgres/cluster.ts';
import { connectDatabase } from '../../lib/postgres/database.ts';
import { isWorthWaitingFor } from '../../lib/postgres/error-codes.ts';
import { type Authority, createAuthority, createIdentity } from '../support/certificates.ts';
import { failureOf } from '../support/failure-of.ts';
import { openLedger } from '../support/ledger.ts';
import { launch, startWorker } from '../support/main-process.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';
import { psqlLike, type TestDatabase, testDatabase } from '../support/postgres.ts';
import { openStage } from '../support/stage.ts';
import { type Standby, startStandby } from '../support/standby.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TARGETS = 30;

describe('A PostgreSQL that takes TLS, with a standby', () => {
  let files: string;
  let primary: OwnServer;
  let standby: Standby;
  let withoutTls: TestDatabase;
  before(async () => {
    files = await temporaryFolder();
    [primary, withoutTls] = await Promise.all([startOwnServer(), testDatabase()]);
    const authority = createAuthority();
    await Promise.all([
      writeFile(join(files, 'root.crt'), authority.cert),
      writeFile(join(files, 'other.crt'), createAuthority('another').cert),
      encrypt(primary, authority),
    ]);
    standby = await startStandby(primary);
  });
  after(async () => {
    await standby?.close();
    await primary.close();
    await withoutTls.drop();
    await rm(files, { recursive: true });
  });

  const portOf = ({ dsn }: { readonly dsn: string }): string => new URL(dsn).port;
  /** A DSN with `query` and the hosts for primary (P) and standby (S), and (N) for nobody */
  const dsnTo = (hosts: string, query: string): string => {
    const { username, password } = new URL(primary.dsn);
    const host = { P: `127.0.0.1:${portOf(primary)}`, S: `127.0.0.1:${standby.port}`, N: '127.0.0.1:1' };
    const named = hosts.replaceAll(/[PSN]/g, letter => host[letter as keyof typeof host]);
    return `postgres://${username}:${password}@${named}/postgres?${query.replaceAll('FILES', files)}`;
  };
  const ask = async (dsn: string, question: string): Promise<unknown> => {
    const database = connectDatabase({ dsn, poolSize: 1, applicationName: 'spec' });
    const rows = await database.query<{ answer: unknown }>(question).finally(database.close);
    return rows[0]?.answer;
  };
  const isEncrypted = (dsn: string) =>
    ask(dsn, 'SELECT ssl AS answer FROM pg_stat_ssl WHERE pid = pg_backend_pid()');

  const encrypted: readonly (readonly [query: string, isEncrypted: boolean])[] = [
    ['', true],
    ['sslmode=disable', false],
    ['sslmode=allow', false],
    ['sslmode=prefer', true],
    ['sslmode=prefer&sslrootcert=FILES/root.crt', true],
    ['sslmode=prefer&sslrootcert=FILES/other.crt', false],
    ['sslmode=require', true],
    ['sslmode=require&sslrootcert=FILES/root.crt', true],
    ['sslmode=verify-ca&sslrootcert=FILES/root.crt', true],
    ['sslmode=no-verify', true],
    ['ssl=true', true],
  ];
  for (const [query, expected] of encrypted) {
    it(`is connected to ${expected ? 'with' : 'without'} TLS by ${query || 'a DSN without sslmode'}`, async () => {
      expect(await isEncrypted(dsnTo('P', query))).to.equal(expected);
    });
  }

  it('is verified by name with verify-full', async () => {
    const dsn = dsnTo('P', 'sslmode=verify-full&sslrootcert=FILES/root.crt');
    expect(await isEncrypted(dsn.replace('127.0.0.1', 'localhost'))).to.equal(true);
    expect(await failureOf(isEncrypted(dsn))).to.include({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  it('is connected to with TLS by allow if it wants that', async () => {
    const dsn = new URL(dsnTo('P', 'sslmode=allow'));
    dsn.username = 'only_encrypted';
    expect(await isEncrypted(dsn.href)).to.equal(true);
  });

  it('is verified with the root certificate in ~/.postgresql, where libpq looks, too', async () => {
    const home = process.env.HOME;
    process.env.HOME = files;
    try {
      await mkdir(join(files, '.postgresql'));
      await writeFile(join(files, '.postgresql/root.crt'), await readFile(join(files, 'other.crt')));
      expect((await failureOf(isEncrypted(dsnTo('P', 'sslmode=require')))).message).to.match(/certificate/);
      await writeFile(join(files, '.postgresql/root.crt'), await readFile(join(files, 'root.crt')));
      expect(await isEncrypted(dsnTo('P', 'sslmode=verify-ca'))).to.equal(true);
    } finally {
      if (home === undefined) delete process.env.HOME;
      else process.env.HOME = home;
    }
  });

  const refused: readonly (readonly [query: string, problem: RegExp])[] = [
    ['sslmode=require&sslrootcert=FILES/other.crt', /certificate/],
    ['sslrootcert=system', /certificate/],
    ['sslmode=verify-full', /certificate/],
    ['sslmode=verify-ca', /^sslmode=verify-ca needs a root certificate: set sslrootcert to its file$/],
    ['sslrootcert=FILES/timeout', /^sslrootcert=.*\/timeout: there is no such file$/],
    ['sslcert=FILES/mine.crt', /^sslcert=.*\/mine.crt: there is no such file$/],
    ['sslcert=FILES/root.crt&sslkey=FILES', /^sslkey=.*: it cannot be read: EISDIR$/],
  ];
  for (const [query, problem] of refused) {
    it(`is not connected to by ${query}, which says at once why`, async () => {
      const failure = await failureOf(isEncrypted(dsnTo('P', query)));
      expect(failure.message).to.match(problem);
      expect(isWorthWaitingFor(failure)).to.equal(false);
    });
  }

  it('is no condition: a server without TLS takes prefer, allow and a DSN without sslmode', async () => {
    const dsn = withoutTls.dsn.replace(/\?.*/, '');
    for (const query of ['', '?sslmode=prefer', '?sslmode=allow'])
      expect(await isEncrypted(dsn + query), query).to.equal(false);
    const failure = await failureOf(isEncrypted(`${dsn}?sslmode=require`));
    expect(failure.message).to.equal('The server does not support SSL connections');
  });

  it('ends a start by the name of a missing file, with exit code 1', async () => {
    const worker = launch({ args: [`--dsn=${dsnTo('P', 'sslrootcert=FILES/none.crt')}`] });
    expect(await worker.ended).to.deep.equal({ code: 1, signal: null });
    expect(worker.output()).to.match(/sslrootcert=.*\/none.crt: there is no such file/);
  });

  const chosen: readonly (readonly [hosts: string, wanted: string, found: 'P' | 'S'])[] = [
    ['N,P', 'any', 'P'],
    ['S,P', 'any', 'S'],
    ['S,N,P', 'read-write', 'P'],
    ['S,P', 'primary', 'P'],
    ['P,S', 'standby', 'S'],
    ['P,S', 'read-only', 'S'],
    ['P,S', 'prefer-standby', 'S'],
    ['N,P', 'prefer-standby', 'P'],
  ];
  for (const [hosts, wanted, found] of chosen) {
    it(`is ${found === 'P' ? 'chosen' : 'passed over for its standby'} by ${hosts} and ${wanted}`, async () => {
      const dsn = dsnTo(hosts, `target_session_attrs=${wanted}`);
      const port = await ask(dsn, "SELECT current_setting('port') AS answer");
      expect(port).to.equal(found === 'P' ? portOf(primary) : String(standby.port));
    });
  }

  it('is not asked further where a password is wrong, and all failures are told where none answers', async () => {
    const { password } = new URL(primary.dsn);
    const wrong = await failureOf(isEncrypted(dsnTo('P,S', '').replace(password, 'wrong')));
    expect(wrong).to.include({ code: '28P01' });
    const none = await failureOf(isEncrypted(dsnTo('N,N', 'sslmode=disable')));
    expect(none.message).to.match(/^no server can be used: 127.0.0.1:1: connect ECONNREFUSED/);
    expect(isWorthWaitingFor(none)).to.equal(true);
  });

  it('dies: workers follow to the promoted standby by themselves, no slot is lost, none is checked twice', async () => {
    const dsn = dsnTo('P,S', 'target_session_attrs=read-write');
    const stage = await openStage({}, { dsn: primary.dsn, drop: async () => {} });
    const worker = await startWorker(dsn);
    await stage.ledger.addTargets(stage.website.origin, TARGETS, '1 s');
    await stage.ledger.until('SELECT count(*) > $1 FROM check_results', [2 * TARGETS]);

    await primary.kill();
    await worker.logged(/^LISTEN is down/);
    await standby.promote();
    const ledger = await openLedger(standby.database);
    const [promoted] = await ledger.rows<{ at: string }>('SELECT clock_timestamp()::text AS at');
    await ledger.until('SELECT count(*) > 0 FROM check_results WHERE scheduled_at > $1', [promoted?.at]);
    await worker.logged(/^listening for changes$/, 2);
    await ledger.until('SELECT count(*) > $1 FROM check_results WHERE scheduled_at > $2', [
      2 * TARGETS,
      promoted?.at,
    ]);

    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    expect(await ledger.rows('SELECT * FROM failure_log')).to.deep.equal([]);
    expect(await ledger.imbalance()).to.deep.equal([]);
    expect(await ledger.checksByUrl()).to.deep.equal(stage.requestsByUrl());
    await ledger.drop();
    await stage.close();
  });
});

/** Gives the server a certificate for `localhost`, and a role that it takes only with TLS. */
async function encrypt({ dsn, folder, account }: OwnServer, authority: Authority): Promise<void> {
  const data = clusterIn(folder).dataDirectory;
  const { cert, key } = createIdentity(['localhost'], authority);
  for (const [name, content] of Object.entries({ 'server.crt': cert, 'server.key': key })) {
    const file = join(data, name);
    await writeFile(file, content, { mode: 0o600 });
    if (account.uid !== undefined) await chown(file, account.uid, account.gid);
  }
  const hba = join(data, 'pg_hba.conf');
  await writeFile(hba, `hostnossl all only_encrypted all reject\n${await readFile(hba, 'utf8')}`);
  const psql = await psqlLike(dsn);
  await psql.query(`CREATE ROLE only_encrypted LOGIN PASSWORD '${new URL(dsn).password}'`);
  await psql.query('ALTER SYSTEM SET ssl = on');
  await psql.query('SELECT pg_reload_conf()');
  await psql.end();
}
