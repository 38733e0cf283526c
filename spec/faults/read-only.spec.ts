import { expect } from 'chai';
import { openStage, type Stage } from '../support/stage.ts';
import { startWorkerHere } from '../support/worker-here.ts';

/** As of a primary that is demoted, and of one that is promoted: both have the sessions' databases. */
const SERVERS_BECOME = (readOnly: 'on' | 'off') => `
  DO $$ BEGIN EXECUTE format(
    'ALTER DATABASE %I SET default_transaction_read_only = ${readOnly}', current_database());
  END $$`;
const SESSIONS = `
  FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'failed-over'`;

describe('A failover', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.close());

  it('that leaves sessions on a read-only server: all are closed and reopened, and no website is down', async () => {
    const { ledger, website } = stage;
    const worker = await startWorkerHere(ledger.dsn, ['--http-port=0', '--worker-id=failed-over']);
    await ledger.addTargets(website.origin, 20, '1 s');
    await ledger.until('SELECT count(*) > 20 FROM check_results');

    await ledger.psql.query(SERVERS_BECOME('on'));
    await ledger.psql.query(`SELECT pg_terminate_backend(pid) ${SESSIONS}`);
    const { reason } = await worker.logged(/^(leasing|recording) failed/, 3);
    expect(reason).to.match(/read-only transaction \(25006\)/);
    // A session that begins at the promotion may read its settings after it: so this is asked well before.
    const [demoted] = await ledger.rows<{ at: string }>('SELECT clock_timestamp()::text AS at');
    await worker.logged(/^(leasing|recording) failed/, 4);
    expect(await worker.get('/readyz')).to.match(/^503 .*read-only/);
    expect(await worker.get('/livez')).to.match(/^200 /);

    await ledger.psql.query('SET default_transaction_read_only = off'); // our own session is an old one, too
    const [promoted] = await ledger.rows<{ at: string }>('SELECT clock_timestamp()::text AS at');
    await ledger.psql.query(SERVERS_BECOME('off'));
    await ledger.until('SELECT count(*) >= 40 FROM check_results WHERE scheduled_at > $1', [promoted?.at]);
    expect(await worker.get('/readyz')).to.match(/^200 /);
    const old = await ledger.rows(
      `SELECT query ${SESSIONS} AND backend_start < $1 AND query NOT ILIKE 'listen %'`,
      [demoted?.at],
    );
    expect(old, 'sessions with the server that takes no writes').to.deep.equal([]);

    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    expect(await ledger.rows('SELECT * FROM failure_log')).to.deep.equal([]);
    expect(await ledger.imbalance()).to.deep.equal([]);
    expect(await ledger.checksByUrl()).to.deep.equal(stage.requestsByUrl());
  });
});
