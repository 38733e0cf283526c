import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { psqlLike } from '../support/postgres.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { launchWorkerHere, startWorkerHere } from '../support/worker-here.ts';

const TARGETS = 30;

describe('A database that is short of connections', () => {
  let stage: Stage;
  let role: string;
  beforeEach(async () => {
    stage = await openStage();
    role = `spec_${randomUUID().replaceAll('-', '')}`;
  });
  afterEach(async () => {
    await terminateSessions();
    await stage.ledger.psql.query(`DROP ROLE IF EXISTS ${role}`);
    await stage.close();
  });

  const terminateSessions = () =>
    stage.ledger.psql.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [
      role,
    ]);
  /** Superusers have no limit, so the worker becomes a member of theirs: an owner, and no more. */
  const limitedTo = async (connections: number): Promise<string> => {
    await stage.ledger.psql.query(
      `CREATE ROLE ${role} LOGIN PASSWORD 'limited' CONNECTION LIMIT ${connections} IN ROLE CURRENT_USER`,
    );
    const dsn = new URL(stage.ledger.dsn);
    dsn.username = role;
    dsn.password = 'limited';
    return dsn.href;
  };
  const expectAllIsWell = async () => {
    const { ledger } = stage;
    expect(await ledger.rows('SELECT * FROM failure_log')).to.deep.equal([]);
    expect(await ledger.imbalance()).to.deep.equal([]);
    expect(await ledger.checksByUrl()).to.deep.equal(stage.requestsByUrl());
  };

  it('and grants two, one to listen and one for all else: leases, recording and health share it', async () => {
    const { ledger, website } = stage;
    const worker = launchWorkerHere(await limitedTo(2), ['--http-port=0']); // it may begin by polling, until it is granted the other
    await ledger.addTargets(website.origin, TARGETS, '1 s');
    await ledger.until('SELECT count(*) >= $1 FROM check_results', [3 * TARGETS]);
    expect(await worker.get('/livez')).to.match(/^200 /);
    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    await expectAllIsWell();
  });

  it('and has given them all to others: the worker waits, says so, and goes on when one is free', async () => {
    const { ledger, website } = stage;
    const dsn = await limitedTo(3);
    const worker = await startWorkerHere(dsn, ['--http-port=0']);
    await ledger.addTargets(website.origin, TARGETS, '1 s');
    await ledger.until('SELECT count(*) >= $1 FROM check_results', [TARGETS]);

    await ledger.psql.query(`ALTER ROLE ${role} CONNECTION LIMIT 0`);
    await terminateSessions();
    const { reason } = await worker.logged(/^leasing failed/, 3);
    expect(reason).to.match(/too many connections .*\(53300\)/);
    expect(await worker.get('/readyz')).to.match(/^503 .*too many connections/);
    const refused = await psqlLike(dsn).catch(error => error);
    expect(refused).to.include({ code: '53300' });

    await ledger.psql.query(`ALTER ROLE ${role} CONNECTION LIMIT 3`);
    const [freed] = await ledger.rows<{ at: string }>('SELECT clock_timestamp()::text AS at');
    await ledger.until('SELECT count(*) >= $1 FROM check_results WHERE scheduled_at > $2', [
      TARGETS,
      freed?.at,
    ]);
    expect(await worker.get('/readyz')).to.match(/^200 /);
    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    await expectAllIsWell();
  });

  it('for recording stalls that work alone: slots are leased and run meanwhile, and all is recorded in the end', async () => {
    const { ledger, website, requested } = stage;
    const worker = await startWorkerHere(ledger.dsn, ['--http-port=0', '--db-pool-size=2']);
    const other = await psqlLike(ledger.dsn);
    await other.query('BEGIN; LOCK TABLE website_monitor.check_results IN SHARE MODE'); // against inserts
    await ledger.addTargets(website.origin, TARGETS, '1 s');
    await requested(3 * TARGETS);
    expect(await worker.get('/readyz')).to.match(/^200 /);
    expect(await ledger.rows('SELECT FROM check_results')).to.deep.equal([]);
    await other.query('COMMIT');
    await other.end();
    await ledger.until('SELECT count(*) >= $1 FROM check_results', [4 * TARGETS]);
    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    await expectAllIsWell();
  });
});
